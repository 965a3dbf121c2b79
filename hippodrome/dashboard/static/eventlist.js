// The list of events: rows that stay where they are while others come, go and change.

import { draw, h, icon, setText } from "./dom.js";
import { clock, count, moment, took } from "./format.js";
import { known } from "./live.js";

export const STATES = { delivered: ["✓", "good"], queued: ["…", "busy"], dead: ["✗", "bad"], ignored: ["–", "off"] };
const NEAR_END_PX = 300;

// `address(event)` is of its own page; `onend` asks for earlier ones.
export function eventList({ address, onend }) {
  const rows = new Map();
  const items = h("ol", { class: "event-rows", "aria-label": "Events, the newest first" });
  const earlier = h("button", { type: "button", class: "button earlier", hidden: true, onclick: onend }, "Earlier events");
  const view = h("div", { class: "event-view" }, items, earlier);
  const pill = h("button", { type: "button", class: "pill", hidden: true, onclick: () => view.scrollTo(0, 0) });
  let isFresh = true; // what is drawn first is not new
  let unseen = 0;
  let newest = 0;

  function drawRows(events, hasMore) {
    const anchor = view.scrollTop > 0 && [...items.children].find((item) => item.offsetTop + item.offsetHeight > view.scrollTop);
    const stood = anchor ? anchor.getBoundingClientRect().top : 0;
    const wanted = new Set(events.map((event) => event.seq));
    for (const [seq, row] of rows) {
      if (wanted.has(seq)) continue;
      row.element.remove();
      rows.delete(seq);
    }
    let place = items.firstChild;
    for (const event of events) {
      const row = rows.get(event.seq) ?? eventRow();
      rows.set(event.seq, row);
      row.update(event, address(event));
      if (row.element === place) place = place.nextSibling;
      else items.insertBefore(row.element, place);
    }
    earlier.hidden = !hasMore;
    if (anchor?.isConnected) view.scrollTop += anchor.getBoundingClientRect().top - stood;
    tellNew(events);
  }

  function tellNew(events) {
    if (view.scrollTop === 0) unseen = 0;
    else if (!isFresh) unseen += events.filter((event) => event.seq > newest).length;
    newest = Math.max(newest, events[0]?.seq ?? 0);
    isFresh = false;
    pill.hidden = !unseen;
    draw(pill, [icon("up"), count(unseen, "new event")]);
  }

  view.addEventListener("scroll", () => {
    if (view.scrollTop === 0) [unseen, pill.hidden] = [0, true];
    if (!earlier.hidden && view.scrollTop + view.clientHeight > view.scrollHeight - NEAR_END_PX) onend();
  }, { passive: true });

  const links = () => [...items.querySelectorAll("a")];
  return {
    element: h("div", { class: "event-list" }, view, pill),
    draw: drawRows,
    isAtTop: () => view.scrollTop === 0,
    clear() {
      isFresh = true;
      unseen = newest = 0;
      view.scrollTop = 0;
    },
    mark(seq) {
      for (const [each, row] of rows) row.mark(each === seq);
    },
    // The row `step` further than the one that has the focus, or is shown; it has the focus then.
    step(step) {
      const all = links();
      const now = all.indexOf(document.activeElement);
      const from = now < 0 ? all.findIndex((link) => link.hasAttribute("aria-current")) : now;
      const next = all[from < 0 ? 0 : Math.min(all.length - 1, Math.max(0, from + step))];
      next?.focus();
      next?.scrollIntoView({ block: "nearest" });
      return next;
    },
    focus: (seq) => (rows.get(seq)?.element.firstChild ?? items.querySelector("a"))?.focus(),
  };
}

export function mark(state) {
  const [sign, tone] = STATES[state] ?? ["?", "off"];
  return h("span", { class: `mark ${tone}`, role: "img", "aria-label": state, title: state }, sign);
}

export function receiver(sent) {
  const port = known.services.get(sent.service)?.port;
  return `${sent.service}${port ? `:${port}` : ""}`;
}

function eventRow() {
  const time = h("time");
  const type = h("b");
  const key = h("code");
  const sent = h("span", { class: "sent" });
  const times = h("span", { class: "times" });
  const link = h("a", { class: "event" }, time, h("span", { class: "what" }, h("span", {}, type, times), key), sent);
  let drawn = "";
  return {
    element: h("li", {}, link),
    mark(isChosen) {
      if (isChosen) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    },
    update(event, href) {
      const wanted = JSON.stringify([href, event, event.deliveries.map(receiver)]);
      if (wanted === drawn) return;
      drawn = wanted;
      link.setAttribute("href", href);
      setText(time, shortTime(event.received_at));
      time.title = moment(event.received_at);
      setText(type, event.detail_type);
      setText(key, event.key);
      type.title = event.detail_type;
      key.title = event.key;
      draw(times, repeated(event));
      draw(sent, event.deliveries.length ? event.deliveries.map(delivery) : [unsent()]);
    },
  };
}

function repeated(event) {
  const marks = [];
  if (event.repeats) {
    const words = `came ${event.repeats + 1} times, the last at ${moment(event.repeated_at)}`;
    marks.push(h("span", { class: "chip", title: words, role: "img", "aria-label": words }, `×${event.repeats + 1}`));
  }
  if (event.is_proof) marks.push(h("span", { class: "chip", title: "sent by Hippodrome to see that events arrive" }, "proof"));
  return marks;
}

function delivery(sent) {
  const tries = sent.attempts > 1 ? ` · ${count(sent.attempts, "attempt")}` : "";
  return h("span", { class: "delivery", title: `${sent.route} → ${receiver(sent)}${sent.path}${tries}${sent.reason ? `: ${sent.reason}` : ""}` },
    mark(sent.state),
    h("span", { class: "way" }, h("span", { class: "route" }, `${sent.route} → `), receiver(sent)),
    h("span", { class: "code" }, sent.status === null ? "" : String(sent.status)),
    h("span", { class: "ms" }, took(sent.took_ms)));
}

function unsent() {
  return h("span", { class: "delivery" }, mark("ignored"), h("span", { class: "way" }, "no service takes it"));
}

// The day only where it is not today.
function shortTime(at) {
  const day = new Date(at * 1000);
  const words = clock(at).slice(0, 8);
  if (day.toDateString() === new Date().toDateString()) return words;
  return `${day.toLocaleDateString(undefined, { day: "numeric", month: "short" })} ${words.slice(0, 5)}`;
}
