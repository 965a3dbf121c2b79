// Where the time of the last starts went: a waterfall of the chosen run, and what became slower.

import { h, setText, spoken } from "./dom.js";
import { count, moment } from "./format.js";
import { call } from "./live.js";

const SVG = "http://www.w3.org/2000/svg";
const WORDS = { compile: "compile", "set-up": "set-up", supervisord: "supervisord", wait: "waiting", spawn: "spawn",
  healthy: "until healthy" };

const style = h("link", { rel: "stylesheet", href: "/static/timings.css" });
const isStyled = new Promise((resolve) => {
  style.onload = style.onerror = resolve;
});
document.head.append(style);
await isStyled;

export function timingsPage() {
  const lede = h("p", { class: "lede" }, "Asking for the last starts…");
  const choice = h("select", { id: "run", onchange: () => draw() });
  const chosen = h("p", { class: "hint", hidden: true }, h("label", { for: "run" }, "Start of "), choice);
  const content = h("div");
  let runs = [];

  async function load() {
    try {
      ({ runs } = await call("/api/timings"));
    } catch (error) {
      setText(lede, error.message);
      return;
    }
    chosen.hidden = runs.length < 2;
    choice.replaceChildren(...runs.map((run, index) =>
      h("option", { value: String(index) }, `${moment(run.began_at)}, ${seconds(run.seconds)}`)));
    draw();
  }

  function draw() {
    const run = runs[Number(choice.value) || 0];
    if (!run) {
      lede.replaceChildren(...spoken("No start has been recorded yet: `hd up` records every one."));
      return;
    }
    setText(lede, `${run.profile} in ${seconds(run.seconds)}${run.is_well ? "" : "; not all became ready"}`);
    content.replaceChildren(
      h("div", { class: "card" }, waterfall(run)),
      h("p", { class: "hint" }, "Strong bars are the longest way: with one of them shorter, the whole would be."),
      ...differences(run));
  }

  load();
  return { title: "Start-up", element: h("div", {},
    h("div", { class: "page-head" }, h("div", {}, h("h1", {}, "Start-up"), lede), chosen), content),
    update() {}, close() {} };
}

function waterfall(run) {
  return h("table", { class: "waterfall" },
    h("caption", { class: "unseen" }, "Steps of this start in the order in which they began"),
    h("thead", {}, h("tr", {}, ["Step", "Took", "From start to end"].map((name) => h("th", { scope: "col" }, name)))),
    h("tbody", {}, run.steps.map((step) => h("tr", { class: step.is_critical ? "critical" : null, "data-step": step.name },
      h("th", { scope: "row" }, step.name, step.is_critical && h("span", { class: "unseen" }, " (on the longest way)")),
      h("td", {}, seconds(step.ends_s - step.begins_s)),
      h("td", {}, bar(step, run.seconds))))));
}

function bar(step, whole) {
  const svg = document.createElementNS(SVG, "svg");
  const rect = document.createElementNS(SVG, "rect");
  const title = document.createElementNS(SVG, "title");
  const part = (value) => `${((100 * value) / (whole || 1)).toFixed(3)}%`;
  svg.setAttribute("class", `bar ${step.kind}`);
  rect.setAttribute("x", part(step.begins_s));
  rect.setAttribute("width", part(Math.max(step.ends_s - step.begins_s, whole / 400)));
  rect.setAttribute("height", "100%");
  rect.setAttribute("rx", "2");
  title.textContent = `${WORDS[step.kind]}: ${seconds(step.begins_s)} to ${seconds(step.ends_s)}`;
  svg.append(title, rect);
  return svg;
}

function differences({ differences: found }) {
  if (!found) return [];
  if (!found.length) return [h("p", { class: "hint" }, "No step took noticeably longer or less than in the start before.")];
  return [h("section", { class: "card differences" }, h("h2", {}, `Against the start before: ${count(found.length, "difference")}`),
    h("ul", {}, found.map((each) => h("li", { class: each.seconds > 0 ? "slower" : "quicker" },
      h("b", {}, `${each.seconds > 0 ? "+" : "−"}${seconds(Math.abs(each.seconds))}`), ` ${each.name}`,
      each.before_s === null ? " (new)" : each.now_s === null ? " (no more)" : ""))))];
}

function seconds(value) {
  return `${value.toFixed(value < 10 ? 2 : 1)} s`;
}
