// The record of events, live: what came, where it went, and one event beside the list.

import { confirm, draw, h, icon, notice, setText, spoken } from "./dom.js";
import { eventDetail } from "./eventdetail.js";
import { eventList, STATES } from "./eventlist.js";
import { age, count } from "./format.js";
import { call, follow, known, learnDead } from "./live.js";

const PAGE = 100;
const CHUNK = 500; // the most that one call gives
const MOST = 2000; // rows
const TYPING_MS = 250;
const PAUSE_MS = 300; // between looks, and never less than what three of them take
const LOOK_MS = 30_000; // when nothing has changed: whether events still arrive
const NARROW = matchMedia("(max-width: 60rem)");

const style = h("link", { rel: "stylesheet", href: "/static/events.css" });
const isStyled = new Promise((resolve) => {
  style.onload = style.onerror = resolve;
});
document.head.append(style);
await isStyled;

export function eventsPage() {
  const given = addressed();
  let chosen = given.state;
  let told = null;
  let events = [];
  let hasMore = false;
  let isAsking = false;
  let isStale = false; // something was asked for meanwhile
  let isEarlierWanted = false;
  let restUntil = 0;
  let isClosed = false;
  let turn = 0; // grows when something else is wanted
  let timer = 0;
  let typing = 0;
  let lookedAt = 0;

  const list = eventList({ address: (event) => addressOf(event.id), onend: earlier });
  const detail = eventDetail({ onclose: closeDetail, onchange: look, onshow: (seq) => list.mark(seq) });
  const source = h("p", { class: "status off event-source" });
  const kept = h("p", { class: "hint" });
  const picks = h("div", { class: "picks", role: "group", "aria-label": "State" });
  const box = h("input", { type: "search", value: given.text, placeholder: "Filter events",
    "aria-label": "Filter events by any text in them", spellcheck: "false", autocomplete: "off" });
  const proofs = h("input", { type: "checkbox", checked: given.isWithProofs, onchange: open });
  const replayAll = h("button", { type: "button", class: "button", hidden: true, onclick: replayDead },
    icon("restart"), "Replay all dead");
  const empty = h("div", { class: "empty", hidden: true });
  const problem = h("p", { class: "wrong", role: "alert", hidden: true });

  const query = () => asQuery({ state: chosen, text: box.value.trim(), isWithProofs: proofs.checked });

  function choose({ state, text, isWithProofs }) {
    [chosen, box.value, proofs.checked] = [state, text, isWithProofs];
    open();
  }

  function addressOf(id) {
    const asked = query();
    return `/events${id ? `/${encodeURIComponent(id)}` : ""}${asked.size ? `?${asked}` : ""}`;
  }

  const shownId = () => decodeURIComponent(location.pathname.slice("/events/".length));

  // Another choice of events: the list begins anew.
  function open() {
    clearTimeout(typing);
    history.replaceState(null, "", addressOf(shownId()));
    turn += 1;
    events = [];
    restUntil = 0;
    list.clear();
    drawPicks();
    look();
  }

  // At most one look at a time, and a rest after each; what is asked for meanwhile is one more.
  async function look() {
    clearTimeout(timer);
    const began = performance.now();
    if (isAsking || began < restUntil) {
      isStale = isAsking;
      if (!isAsking) timer = setTimeout(look, restUntil - began);
      return;
    }
    [isAsking, isStale] = [true, false];
    const asked = turn;
    try {
      const found = await current();
      if (asked === turn) show(found);
    } catch (error) {
      problem.hidden = false;
      problem.textContent = known.connection === "lost" ? "" : error.message;
    }
    await detail.load();
    lookedAt = performance.now();
    restUntil = asked === turn ? lookedAt + Math.max(PAUSE_MS, 3 * (lookedAt - began)) : 0;
    isAsking = false;
    goOn(asked);
  }

  function goOn(asked) {
    if (isClosed) return;
    if (isEarlierWanted && asked === turn) earlier();
    else if (isStale || asked !== turn) look();
  }

  // All that is shown, as it is now, and what is new; the newest alone when that is too much.
  async function current() {
    const page = async (more) => call(`/api/events?${query()}&${new URLSearchParams(more)}`);
    const found = [];
    if (events.length) {
      let after = events.at(-1).seq - 1;
      while (found.length < MOST) {
        const part = await page({ after, count: CHUNK });
        found.push(...part.events);
        if (part.events.length < CHUNK) return { told: part, events: found.reverse(), hasMore };
        after = found.at(-1).seq;
      }
      list.clear();
    }
    const first = await page({ count: PAGE });
    return { told: first, events: first.events, hasMore: first.events.length === PAGE };
  }

  async function earlier() {
    isEarlierWanted = isAsking;
    if (isAsking || !events.length) return;
    isAsking = true;
    const asked = turn;
    try {
      const part = await call(`/api/events?${query()}&count=${PAGE}&before=${events.at(-1).seq}`);
      if (asked === turn) show({ told: part, events: [...events, ...part.events], hasMore: part.events.length === PAGE });
    } catch (error) {
      notice(error.message);
    }
    isAsking = false;
    goOn(asked);
  }

  function show(found) {
    ({ told, events, hasMore } = found);
    if (list.isAtTop() && events.length > CHUNK) [events, hasMore] = [events.slice(0, CHUNK), true];
    problem.hidden = true;
    learnDead(told.totals.by_state.dead);
    list.draw(events, hasMore);
    list.mark(detail.seq());
    drawPicks();
    drawEmpty();
    tick();
  }

  function drawPicks() {
    const counts = told?.totals.by_state;
    const all = counts && Object.values(counts).reduce((sum, each) => sum + each, 0);
    if (!picks.children.length) {
      picks.append(...["", ...Object.keys(STATES)].map((state) => h("button", { type: "button",
        class: `pick ${STATES[state]?.[1] ?? ""}`, "data-name": state, onclick: () => pick(state) },
      state || "All", h("b"))));
    }
    for (const each of picks.children) {
      const state = each.dataset.name;
      each.setAttribute("aria-pressed", String(state === chosen));
      setText(each.lastChild, counts ? (state ? counts[state] : all).toLocaleString() : "");
    }
    replayAll.hidden = !counts?.dead;
    setText(kept, told ? keptWords(told.totals) : "");
  }

  function drawEmpty() {
    empty.hidden = events.length > 0;
    list.element.hidden = !empty.hidden;
    const clear = h("button", { type: "button", class: "button", onclick: showAll }, "Show all events");
    draw(empty, query().size ? [h("p", {}, "No event is like that."), clear] : [
      h("p", {}, h("b", {}, "No event has come yet.")),
      ...howTo(told.source.via).map((text) => h("p", {}, spoken(text))),
    ]);
  }

  function pick(state) {
    chosen = state;
    open();
  }

  function showAll() {
    choose({ state: "", text: "", isWithProofs: false });
    box.focus();
  }

  async function replayDead() {
    const dead = told.totals.by_state.dead;
    const text = "They are delivered again, the oldest first, to where their routes lead now. What their services refuse is dead again.";
    if (!(await confirm({ title: `Replay ${count(dead, "dead letter")}?`, text, action: "Replay" }))) return;
    try {
      const made = await call("/api/events/replay", { state: "dead" });
      notice(`${count(made.events, "event")} queued again.`, "good");
    } catch (error) {
      notice(error.message);
    }
    look();
  }

  // The address has changed within this page: another event, or the list alone.
  function move() {
    const id = shownId();
    const left = detail.seq();
    content.classList.toggle("has-event", Boolean(id));
    detail.open(id);
    list.mark(events.find((event) => event.id === id)?.seq);
    if (id && NARROW.matches) detail.focus();
    else if (!id && left) list.focus(left);
    if (query().toString() !== asQuery(addressed()).toString()) choose(addressed());
  }

  function closeDetail() {
    history.pushState(null, "", addressOf(""));
    move();
  }

  function tick() {
    if (told) [source.className, source.textContent] = sourceWords(told.source);
    if (told && !document.hidden && performance.now() - lookedAt > LOOK_MS) look();
  }

  function keyed(event) {
    const isField = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.metaKey || event.ctrlKey || event.altKey || document.querySelector("dialog")) return;
    if (event.key === "/" && !isField) {
      event.preventDefault();
      box.select();
    } else if (event.key === "Escape" && event.target === box) {
      box.value = "";
      open();
      list.focus();
    } else if (event.key === "Escape" && !isField && shownId()) {
      closeDetail();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && isOfList(event.target, isField)) {
      event.preventDefault();
      const row = list.step(event.key === "ArrowDown" ? 1 : -1);
      if (row && shownId() && !NARROW.matches) {
        history.replaceState(null, "", row.href);
        move();
      }
    }
  }

  const isOfList = (target, isField) => !isField && (target.closest(".event-list") || ["BODY", "MAIN"].includes(target.tagName));

  box.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(open, TYPING_MS);
  });
  addEventListener("keydown", keyed);

  const content = h("div", { class: "event-columns" }, h("div", { class: "event-side card" }, empty, list.element), detail.element);
  const page = h("div", { class: "events-page" },
    h("div", { class: "event-head" }, h("h1", {}, "Events"), source),
    h("div", { class: "toolbar" },
      h("div", { class: "filters" }, picks, h("div", { class: "search" }, box),
        h("label", { class: "check", title: "Events of Hippodrome's own, by which it sees that they arrive" }, proofs, "Proofs"),
        replayAll)),
    problem, content, kept);
  drawPicks();
  follow({ query: "events=1", onrecord: look });
  look();
  move();
  return {
    title: "Events",
    isWide: true,
    isFollowing: true,
    element: page,
    update: () => list.draw(events, hasMore), // ports may have changed
    move,
    tick,
    close() {
      turn += 1;
      isClosed = true;
      removeEventListener("keydown", keyed);
      clearTimeout(typing);
      clearTimeout(timer);
    },
  };
}

// What the address says is wanted.
function addressed() {
  const given = new URLSearchParams(location.search);
  const state = given.get("state") ?? "";
  return { state: Object.hasOwn(STATES, state) ? state : "", text: given.get("text") ?? "", isWithProofs: given.get("proofs") === "1" };
}

function asQuery({ state, text, isWithProofs }) {
  const asked = Object.entries({ state, text, proofs: isWithProofs ? "1" : "" }).filter(([, value]) => value);
  return new URLSearchParams(asked);
}

// The server's sentence, with an age that counts.
function sourceWords({ sentence, proof, is_proven: isProven, via }) {
  if (!proof) return [`status event-source ${via === "none" ? "off" : "busy"}`, sentence];
  const words = `${sentence.replace(/(, proven .*|; the last proof .*)$/, "")}: last proven ${age(Date.now() / 1000 - proof.at)} ago`;
  return [`status event-source ${isProven ? "good" : "bad"}`, isProven ? `${words}.` : `${words}, so something is broken.`];
}

function howTo(via) {
  const hand = ["Send one by hand:", "`hd events send EcomIndexSettings.MODIFY --key pk=INDEX#1 --key sk=SETTINGS`"];
  return via === "none" ? hand : ["One comes whenever settings or merchandising rules change.", ...hand];
}

function keptWords({ repeats, dropped, dropped_why: why }) {
  const told = [];
  if (repeats) told.push(`${count(repeats, "repeat")} came and ${repeats === 1 ? "was" : "were"} not delivered again.`);
  if (dropped) told.push(`${count(dropped, "event")} ${dropped === 1 ? "is" : "are"} no longer kept: ${why}.`);
  return told.join(" ");
}
