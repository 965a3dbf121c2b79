// The frame: which page is shown, the state of the connection, the tab's title and icon.

import { draw, h, icon, setText, spoken } from "./dom.js";
import { count, moment } from "./format.js";
import { call, failures, follow, known, learnDead, onChange } from "./live.js";
import { logsPage } from "./logs.js";
import { overviewPage } from "./overview.js";
import { servicePage } from "./service.js";

const main = document.getElementById("main");
const THEMES = ["system", "light", "dark"];
const DEAD_MS = 30_000;
let page = null;

const isOfEvents = () => /^\/events(\/|$)/.test(location.pathname);

function open() {
  if (isOfEvents() && page?.move) {
    page.move();
    title();
    return true;
  }
  page?.close();
  const path = decodeURIComponent(location.pathname);
  if (path.startsWith("/services/")) show(servicePage(path.slice("/services/".length)));
  else if (isOfEvents()) openLater("Events", "./events.js", "eventsPage");
  else if (path === "/timings") openLater("Start-up", "./timings.js", "timingsPage");
  else show(path === "/logs" ? logsPage() : overviewPage());
  return false;
}

function show(next) {
  page = next;
  main.className = page.isWide ? "wide" : "";
  main.replaceChildren(page.element);
  for (const link of document.querySelectorAll(".top nav a")) {
    const isHere = link.pathname === location.pathname || (isOfEvents() && link.pathname === "/events");
    if (isHere) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (!page.isFollowing) follow(null);
  page.update();
  title();
}

// Its code is loaded when it is wanted: the other pages stay light.
async function openLater(name, module, maker) {
  const text = h("p", { class: "empty" }, "Loading…");
  const waiting = { title: name, element: text, isWide: name === "Events", update() {}, close() {} };
  show(waiting);
  try {
    const make = (await import(module))[maker];
    if (page === waiting) show(make());
  } catch {
    setText(text, "This page could not be loaded. Load it again.");
  }
}

export function go(address) {
  history.pushState(null, "", address);
  if (open()) return; // the page has moved by itself, and knows where the focus belongs
  main.focus({ preventScroll: true });
  scrollTo(0, 0);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='/']");
  const isPlain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
  if (!link || !isPlain || link.target || link.pathname.startsWith("/api")) return;
  event.preventDefault();
  go(link.href);
});
addEventListener("popstate", open);

let shownFailures = 0;

function title() {
  const failing = failures();
  document.title = `${failing ? `(${failing}) ` : ""}${page.title} · Hippodrome`;
  if (failing !== shownFailures) {
    shownFailures = failing;
    document.querySelector("link[rel=icon]").href = failing ? `/favicon.svg?failures=${failing}` : "/favicon.svg";
  }
}

function connection() {
  const shown = document.getElementById("connection");
  const banner = document.getElementById("banner");
  const { stack } = known;
  const isLost = known.connection === "lost";
  const problem = isLost ? "The dashboard does not answer." : stack?.problem ? "supervisord does not answer." : "";
  const failing = failures();
  const words = isLost || stack?.problem ? ["busy", "Reconnecting"]
    : known.connection === "connecting" ? ["busy", "Connecting"]
    : failing ? ["bad", `${count(failing, "service")} failing`]
    : ["good", "Live"];
  if (shown.textContent !== words[1]) [shown.className, shown.textContent] = [`status ${words[0]}`, words[1]];
  document.body.classList.toggle("is-stale", Boolean(problem) && Boolean(stack));
  if (banner.hidden === Boolean(problem)) {
    banner.hidden = !problem;
    const since = stack?.heard_at ? ` What you see was so at ${moment(isLost ? known.lostAt : stack.heard_at)}.` : "";
    const hint = " This page goes on by itself as soon as it is back; `hd ps` says more.";
    banner.replaceChildren(h("span", {}, `${problem}${since}`), h("span", {}, spoken(hint)));
  }
}

function themeButton() {
  const button = document.getElementById("theme");
  const draw = () => {
    const now = window.theme.chosen();
    button.replaceChildren(icon(now));
    button.title = `Theme: ${now === "system" ? "as the system" : now}`;
    button.setAttribute("aria-label", `${button.title}. Change it.`);
  };
  button.addEventListener("click", () => {
    window.theme.choose(THEMES[(THEMES.indexOf(window.theme.chosen()) + 1) % THEMES.length]);
    draw();
  });
  draw();
}

// The Events page hears of them by itself.
async function lookForDead() {
  if (document.hidden || page.move || known.connection === "lost") return;
  try {
    learnDead((await call("/api/events?count=1")).totals.by_state.dead);
  } catch {
    learnDead(0); // a record that cannot be read: its page says why
  }
}

function badge() {
  const shown = document.getElementById("dead");
  shown.hidden = !known.dead;
  draw(shown, [String(known.dead), h("span", { class: "unseen" }, known.dead === 1 ? " dead letter" : " dead letters")]);
}

onChange(() => {
  connection();
  badge();
  page.update();
  title();
});
setInterval(() => page.tick?.(), 1000);
setInterval(lookForDead, DEAD_MS);
themeButton();
open();
lookForDead();
