// One line of a log as an element: time, service, text with its colours, what was searched for.

import { h } from "./dom.js";
import { clock } from "./format.js";

const SEQUENCE = /\x1b(?:\[([0-?]*)[ -/]*([@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])/g;
const HUES = 12;
const LONGEST = 2000; // characters in a row; the whole line is in its details
const WORDS = { exited: "ended", backoff: "died, will be started again", failed: "failed", unhealthy: "unhealthy" };

// An item is [at, service, text, level, generation, offset], or [at, service, state, cause, reason].
export const isMark = (item) => item.length === 5;
export const plain = (text) => text.replace(SEQUENCE, "");

export function eventWords(state, cause, reason) {
  if (state === "starting") return reason ? `restarted: ${reason}` : "started";
  const why = reason || cause.replaceAll("-", " ");
  return [WORDS[state] ?? state, why].filter(Boolean).join(": ");
}

const hues = new Map();

// A colour for each service, in the order in which they are met: as few alike as there can be.
export function hue(name) {
  if (!hues.has(name)) hues.set(name, hues.size % HUES);
  return `hue-${hues.get(name)}`;
}

export function gapText(bytes) {
  return `${bytes} passed over: it writes faster than anyone can follow`;
}

export function row() {
  const time = h("time");
  const name = h("b");
  const text = h("span");
  const element = h("div", { class: "line", role: "listitem" }, time, name, text);
  let drawn = null;
  return {
    element,
    draw(item, find, isChosen) {
      element.classList.toggle("chosen", isChosen);
      if (item === drawn?.item && find === drawn.find) return;
      drawn = { item, find };
      time.textContent = clock(item[0]);
      name.textContent = item[1];
      name.className = hue(item[1]);
      if (isMark(item)) {
        element.className = `line mark state-${item[2]}`;
        text.textContent = eventWords(item[2], item[3], item[4]);
        return;
      }
      element.className = `line ${item[3] ?? ""}`;
      const cut = item[2].length > LONGEST ? `${item[2].slice(0, LONGEST)} …` : item[2];
      text.replaceChildren(...coloured(cut).flatMap(([style, part]) => pieces(style, part, find)));
    },
  };
}

function pieces(style, text, find) {
  const wrap = (part, tag) => (style || tag !== "span" ? h(tag, { class: style || null }, part) : part);
  if (!find) return [wrap(text, "span")];
  const found = [];
  let end = 0;
  find.lastIndex = 0;
  for (const match of text.matchAll(find)) {
    if (!match[0]) break;
    if (match.index > end) found.push(wrap(text.slice(end, match.index), "span"));
    found.push(wrap(match[0], "mark"));
    end = match.index + match[0].length;
  }
  if (end < text.length) found.push(wrap(text.slice(end), "span"));
  return found;
}

// [class, text] for each run of one colour. Sixteen colours, bold, dim; others are shown without.
export function coloured(text) {
  if (!text.includes("\x1b")) return [["", text]];
  const runs = [];
  let style = { colour: "", bold: false, dim: false };
  let end = 0;
  const push = (part) => {
    if (part) runs.push([[style.colour, style.bold && "bold", style.dim && "dim"].filter(Boolean).join(" "), part]);
  };
  for (const match of text.matchAll(SEQUENCE)) {
    push(text.slice(end, match.index));
    end = match.index + match[0].length;
    if (match[2] === "m") style = styled(style, match[1]);
  }
  push(text.slice(end));
  return runs;
}

function styled(style, told) {
  const next = { ...style };
  const codes = told.split(";").map(Number);
  for (let index = 0; index < codes.length; index += 1) {
    const code = codes[index];
    if (code === 0) Object.assign(next, { colour: "", bold: false, dim: false });
    else if (code === 1) next.bold = true;
    else if (code === 2) next.dim = true;
    else if (code === 22) next.bold = next.dim = false;
    else if (code >= 30 && code <= 37) next.colour = `ansi-${code - 30}`;
    else if (code >= 90 && code <= 97) next.colour = `ansi-${code - 90}`;
    else if (code === 39) next.colour = "";
    else if (code === 38 || code === 48) index += codes[index + 1] === 2 ? 4 : 2;
  }
  return next;
}
