// The frame: which page is shown, the state of the connection, the tab's title and icon.

import { h, icon, spoken } from "./dom.js";
import { count, moment } from "./format.js";
import { failures, follow, known, onChange } from "./live.js";
import { logsPage } from "./logs.js";
import { overviewPage } from "./overview.js";
import { servicePage } from "./service.js";

const main = document.getElementById("main");
const THEMES = ["system", "light", "dark"];
let page = null;

function open() {
  page?.close();
  const path = decodeURIComponent(location.pathname);
  const isLogs = path === "/logs";
  if (path.startsWith("/services/")) page = servicePage(path.slice("/services/".length));
  else page = isLogs ? logsPage() : overviewPage();
  main.className = isLogs ? "wide" : "";
  main.replaceChildren(page.element);
  for (const link of document.querySelectorAll(".top nav a")) {
    if (link.pathname === location.pathname) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (!page.hasLog) follow(null);
  page.update();
  title();
}

export function go(address) {
  history.pushState(null, "", address);
  open();
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

onChange(() => {
  connection();
  page.update();
  title();
});
setInterval(() => page.tick?.(), 1000);
themeButton();
open();
