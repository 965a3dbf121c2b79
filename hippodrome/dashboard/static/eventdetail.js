// One event: where it went and what was answered, what changed, why each route takes it or not, and the request.

import { draw, h, icon, iconButton, notice, spoken } from "./dom.js";
import { differences, isMap } from "./eventdiff.js";
import { mark, receiver, STATES } from "./eventlist.js";
import { sendForm } from "./eventsend.js";
import { clock, count, moment, took } from "./format.js";
import { call } from "./live.js";

const ORIGINS = { hand: "sent by hand", streams: "from moto's streams", tunnel: "from AWS, by the tunnel", sqs: "from AWS, by the queue" };
const NOT_THERE = "(missing)";

// `onclose`: the person leaves it; `onchange`: the record has changed by what they did here; `onshow(seq)`.
export function eventDetail({ onclose, onchange, onshow }) {
  let id = "";
  let event = null;
  const title = h("h2", { id: "event-title", tabindex: "-1" });
  const head = h("div", { class: "event-facts" });
  const parts = { sent: h("section"), changes: h("section"), why: h("section"), request: h("section") };
  const replay = h("button", { type: "button", class: "button", onclick: replayIt }, icon("restart"), "Replay");
  const edit = h("button", { type: "button", class: "button", onclick: editIt }, icon("send"), "Edit and resend");
  const form = h("div");
  const problem = h("p", { class: "empty", hidden: true });
  const content = h("div", { class: "event-content", hidden: true },
    head, h("div", { class: "event-buttons" }, replay, edit), form, Object.values(parts));
  const element = h("section", { class: "event-detail card", "aria-labelledby": "event-title", hidden: true },
    h("header", {},
      h("button", { type: "button", class: "button back", onclick: onclose }, "← All events"), title,
      iconButton("close", "Close", onclose)),
    h("div", { class: "event-scroll", tabindex: "0", role: "group", "aria-label": "The event" }, problem, content));

  async function load() {
    const asked = id;
    if (!asked) return;
    try {
      const told = await call(`/api/events/${encodeURIComponent(asked)}`);
      if (asked === id) show(told);
    } catch (error) {
      if (asked !== id || event) return; // what is shown stays: the next look may do
      title.textContent = "No such event";
      content.hidden = true;
      problem.hidden = false;
      problem.replaceChildren(...spoken(`${error.message}.`));
    }
  }

  function show(told) {
    const isOther = told.seq !== event?.seq;
    event = told;
    onshow(event.seq);
    problem.hidden = true;
    content.hidden = false;
    title.textContent = told.detail_type;
    draw(head, facts(told));
    draw(parts.sent, deliveries(told));
    draw(parts.why, reasons(told.routes));
    if (!isOther) return;
    draw(parts.changes, changes(told.body));
    draw(parts.request, request(told.body));
    form.replaceChildren();
    content.parentElement.scrollTop = 0;
  }

  async function replayIt() {
    try {
      const { deliveries: made } = await call(`/api/events/${encodeURIComponent(event.id)}/replay`, {});
      notice(made ? "It is delivered again." : "No service of this stack takes it.", made ? "good" : "bad");
      onchange();
    } catch (error) {
      notice(error.message);
    }
  }

  function editIt() {
    const made = sendForm(event.body, { onsent: onchange, onclose: () => { form.replaceChildren(); edit.focus(); } });
    form.replaceChildren(made.element);
    made.focus();
  }

  return {
    element,
    load,
    open(wanted) {
      if (wanted === id) return;
      id = wanted;
      element.hidden = !id;
      if (!id || id !== event?.id) event = null;
      load();
    },
    seq: () => event?.seq ?? null,
    focus: () => title.focus({ preventScroll: true }),
  };
}

function facts(event) {
  const repeats = event.repeats ? `came ${event.repeats + 1} times, the last at ${moment(event.repeated_at)}` : "";
  return [
    h("p", {}, h("span", { class: `status ${STATES[event.state][1]}` }, event.state),
      h("code", { class: "event-key" }, event.key)),
    h("p", { class: "hint" }, [moment(event.received_at), ORIGINS[event.origin] ?? event.origin, repeats,
      event.is_proof ? "a proof: sent by Hippodrome to see that events arrive" : ""].filter(Boolean).join(" · ")),
    h("p", { class: "hint event-id" }, "id ", h("code", {}, event.id), copyButton("Copy the id", () => event.id)),
  ];
}

function deliveries(event) {
  const heading = h("h3", {}, event.deliveries.length > 1 ? "Deliveries" : "Delivery");
  if (!event.deliveries.length) {
    return [heading, h("p", { class: "hint" }, "No service of this stack takes it. Below stands why, route by route.")];
  }
  return [heading, ...event.deliveries.map(delivery)];
}

function delivery(sent) {
  return h("article", { class: `sent-to ${STATES[sent.state]?.[1] ?? "off"}` },
    h("p", { class: "sent-head" },
      h("span", {}, mark(sent.state), h("a", { href: `/services/${encodeURIComponent(sent.service)}` }, receiver(sent))),
      h("code", {}, sent.path),
      h("span", { class: "hint" }, `${sent.state}${sent.status === null ? "" : `, ${sent.status}`} · route ${sent.route}`
        + (sent.replays ? ` · replayed ${count(sent.replays, "time")}` : ""))),
    sent.reason && h("p", { class: "reason" }, sent.reason),
    sent.said !== null && h("div", {}, h("h4", {}, "Response"), code(sent.said, "Response")),
    sent.tries.length > 0 && attempts(sent.tries));
}

function attempts(tries) {
  const cells = (each) => [clock(each.at), took(each.took_ms), each.status ?? "–", each.reason];
  return h("div", { class: "table-scroll", role: "group", "aria-label": "Attempts", tabindex: "0" }, h("table", { class: "small attempts" },
    h("thead", {}, h("tr", {}, ["Attempt", "Took", "Status", "Reason"].map((name) => h("th", { scope: "col" }, name)))),
    h("tbody", {}, tries.map((each) =>
      h("tr", { title: moment(each.at) }, cells(each).map((text) => h("td", {}, String(text))))))));
}

function changes(body) {
  const detail = isMap(body.detail) ? body.detail : {};
  const [before, after] = [detail.oldImage, detail.newImage];
  const heading = h("h3", {}, "Changes");
  const rows = differences(before, after);
  if (!rows.length) return [heading, h("p", { class: "hint" }, "It carries neither an old nor a new image of the item.")];
  const changed = rows.filter((row) => row.isChanged);
  const same = rows.filter((row) => !row.isChanged);
  const [old, now] = [hasAny(before), hasAny(after)];
  const words = old && now ? `${count(changed.length, "attribute")} changed.` : now ? "A new item." : "The item is gone.";
  return [
    heading,
    h("p", { class: "hint" }, words, !now || old ? "" : detail.eventName === "MODIFY" ? " The event does not carry what it was before." : ""),
    changed.length > 0 && table(changed, "What changed"),
    same.length > 0 && h("details", {}, h("summary", {}, `${count(same.length, "attribute")} as before`), table(same, "What did not change")),
  ];
}

const hasAny = (image) => isMap(image) && Object.keys(image).length > 0;

function table(rows, name) {
  const cell = (tag, value) => h("td", { class: tag }, value === undefined ? h("span", { class: "hint" }, "–") : h(tag, {}, value));
  return h("table", { class: "small changes" }, h("caption", { class: "unseen" }, name),
    h("thead", {}, h("tr", {}, ["Attribute", "Before", "After"].map((each) => h("th", { scope: "col" }, each)))),
    h("tbody", {}, rows.map((row) => h("tr", {}, h("th", { scope: "row" }, h("code", {}, row.attribute)),
      cell(row.isChanged ? "del" : "span", row.before), cell(row.isChanged ? "ins" : "span", row.after)))));
}

function reasons(routes) {
  const heading = h("h3", {}, "Why");
  if (!routes.length) return [heading, h("p", { class: "hint" }, "This stack has no routes.")];
  return [heading, h("ul", { class: "routes" }, routes.map((route) => h("li", {},
    h("p", {}, sign(route.is_match), h("b", {}, route.name), ` → ${route.service}${route.path}`),
    route.problem && h("p", { class: "reason" }, route.problem),
    h("ul", {}, route.clauses.map(clause)))))];
}

function clause(found) {
  return h("li", { class: "clause" }, sign(found.is_met),
    h("span", {}, h("code", {}, found.path), " is wanted to match ", h("code", {}, JSON.stringify(found.wanted)),
      found.found === null ? null : found.found === NOT_THERE ? ", and is missing"
        : [", and is ", h("code", {}, JSON.stringify(found.found))]));
}

function sign(isMet) {
  return h("span", { class: `mark ${isMet ? "good" : "off"}`, role: "img", "aria-label": isMet ? "matches" : "does not match" }, isMet ? "✓" : "✗");
}

function request(body) {
  return [h("div", { class: "section-head" }, h("h3", {}, "Request"), copyButton("Copy the request", () => JSON.stringify(body, null, 2))),
    code(body, "Request")];
}

function code(value, name) {
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  return h("pre", { tabindex: "0", role: "group", "aria-label": name }, text);
}

function copyButton(label, get) {
  return iconButton("copy", label, async () => {
    await navigator.clipboard.writeText(get());
    notice("Copied.", "good");
  });
}
