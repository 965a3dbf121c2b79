// The log page: which services, which lines; the address says all of it.

import { h, icon } from "./dom.js";
import { known } from "./live.js";
import { hue } from "./logline.js";
import { LogPane } from "./logpane.js";

const LEVELS = [["", "All levels"], ["info", "Info and worse"], ["warning", "Warnings and errors"], ["error", "Errors"]];
const TYPING_MS = 250;

export function logsPage() {
  const given = new URLSearchParams(location.search);
  const chosen = new Set((given.get("services") ?? "").split(",").filter(Boolean));
  let isRegex = given.has("regex");
  let logs = [];
  let typing = 0;

  const pane = new LogPane({ ondraw: (told) => { logs = told.logs; drawChips(); } });
  const chips = h("div", { class: "picks", role: "group", "aria-label": "Services" });
  const box = h("input", { type: "search", name: "text", value: given.get("regex") ?? given.get("text") ?? "",
    placeholder: "Filter lines", "aria-label": "Filter lines", spellcheck: "false", autocomplete: "off" });
  const mode = h("button", { type: "button", class: "toggle", title: "Regular expression",
    "aria-label": "Regular expression", "aria-pressed": String(isRegex) }, ".*");
  const level = h("select", { "aria-label": "Level" },
    LEVELS.map(([value, words]) => h("option", { value, selected: value === (given.get("level") ?? "") }, words)));
  const probes = h("input", { type: "checkbox", checked: given.get("probes") === "1" });
  const pause = h("button", { type: "button", class: "button", "aria-pressed": "false", onclick: () => hold(!pane.isPaused) });
  const wrong = h("p", { class: "wrong", role: "alert", hidden: true });

  function query() {
    const told = new URLSearchParams();
    if (chosen.size) told.set("services", [...chosen].join(","));
    if (box.value) told.set(isRegex ? "regex" : "text", box.value);
    if (level.value) told.set("level", level.value);
    if (probes.checked) told.set("probes", "1");
    return told;
  }

  function open() {
    clearTimeout(typing);
    const told = query();
    const address = `/logs${told.size ? `?${told}` : ""}`;
    history.replaceState(null, "", address.replaceAll("%2C", ","));
    const find = finder();
    if (find === undefined) return;
    if (!told.has("services")) told.set("services", "");
    pane.open(told, find);
  }

  function finder() {
    wrong.hidden = true;
    if (!box.value) return null;
    const source = isRegex ? box.value : box.value.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    try {
      return new RegExp(source, "gi");
    } catch (error) {
      wrong.hidden = false;
      wrong.textContent = error.message;
      return undefined;
    }
  }

  function hold(isPaused) {
    pane.pause(isPaused);
    pause.setAttribute("aria-pressed", String(isPaused));
    pause.replaceChildren(icon(isPaused ? "start" : "pause"), isPaused ? "Resume" : "Pause");
  }

  function pick(name, isAlone) {
    const isOn = chosen.has(name);
    if (isAlone) chosen.clear();
    if (isOn) chosen.delete(name);
    else chosen.add(name);
    drawChips();
    open();
  }

  function drawChips() {
    const all = logs.length ? logs : [...known.services.keys()];
    const wanted = ["", ...all].join();
    if (chips.dataset.names !== wanted) {
      chips.dataset.names = wanted;
      chips.replaceChildren(
        h("button", { type: "button", class: "pick", "data-name": "", onclick: () => { chosen.clear(); drawChips(); open(); } },
          "All services"),
        ...all.map((name) => h("button", { type: "button", class: `pick ${hue(name)}`, "data-name": name,
          title: "With Alt: this one alone", onclick: (event) => pick(name, event.altKey) }, name)));
    }
    for (const chip of chips.children) {
      const isOn = chip.dataset.name ? chosen.has(chip.dataset.name) : !chosen.size;
      chip.setAttribute("aria-pressed", String(isOn));
    }
  }

  box.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(open, TYPING_MS);
  });
  mode.addEventListener("click", () => {
    isRegex = !isRegex;
    mode.setAttribute("aria-pressed", String(isRegex));
    if (box.value) open();
  });
  level.addEventListener("change", open);
  probes.addEventListener("change", open);

  function keyed(event) {
    const isTyping = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.key === "/" && !isTyping) {
      event.preventDefault();
      box.select();
    } else if (event.key === "p" && !isTyping && !event.metaKey && !event.ctrlKey) {
      hold(!pane.isPaused);
    } else if (event.key === "Escape" && event.target === box) {
      box.value = "";
      open();
      pane.view.focus();
    }
  }

  addEventListener("keydown", keyed);
  hold(false);
  drawChips();
  open();
  return {
    title: "Logs",
    isWide: true,
    isFollowing: true,
    element: h("div", { class: "logs-page" },
      h("h1", { class: "unseen" }, "Logs"),
      h("div", { class: "toolbar" },
        chips,
        h("div", { class: "filters" },
          h("div", { class: "search" }, box, mode),
          level,
          h("label", { class: "check", title: "Requests that our own health checks make" }, probes, "Health checks"),
          pause)),
      wrong,
      pane.element),
    update: drawChips,
    close() {
      removeEventListener("keydown", keyed);
      clearTimeout(typing);
      pane.close();
    },
  };
}
