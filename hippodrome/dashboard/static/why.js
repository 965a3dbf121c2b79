// All that is known of why a service is so: what `hd why` prints.

import { h, spoken } from "./dom.js";
import { age, clock } from "./format.js";
import { eventWords } from "./logline.js";

export function whyCard(why) {
  if (!why) return null;
  const parts = [
    ["Needs", why.needs.map((each) => needed(each))],
    ["Last exit", why.last_exit ? [ended(why.last_exit)] : []],
    ["Ports", why.ports.map((port) => `${port.number} (${port.name}): ${port.holder}`)],
    [why.root === why.service ? "Last errors" : `Last errors of ${why.root}`,
      why.lines.map((line) => [h("time", {}, clock(line.at)), " ", h("code", {}, line.text)])],
    ["Likely", why.likely ? [spoken(why.likely)] : []],
    [why.well_until ? `Since it was well, at ${clock(why.well_until)}` : "It was not well yet",
      why.changes.map((event, index) => [
        why.left_out && index === why.changes.length / 2 ? h("div", {}, `… ${why.left_out} more …`) : "",
        h("time", {}, clock(event.at)), ` ${event.program}: ${eventWords(event.state, event.cause, event.reason)}`])],
    ["Next", [spoken(why.next)]],
  ];
  return h("section", { class: "card why-card" }, h("h2", {}, "Why"),
    h("dl", { class: "pairs" }, parts.filter(([, told]) => told.length).map(([name, told]) =>
      h("div", {}, h("dt", {}, name), h("dd", {}, told.map((part) => h("div", {}, part)))))));
}

function needed(each) {
  const since = each.since ? ` for ${age(Date.now() / 1000 - each.since)}` : "";
  const held = each.is_holding ? ", which it waits for" : "";
  const said = each.is_met ? [] : [": ", ...spoken(each.sentence)];
  return [each.is_met ? "✓ " : each.is_required ? "✗ " : "– ", h("a", { href: `/services/${encodeURIComponent(each.program)}` }, each.program),
    ` ${each.condition}${each.is_required ? "" : " (not required)"}${held}; it is ${each.state}${since}`, ...said];
}

function ended(last) {
  const means = last.meaning ? ` (${last.meaning})` : "";
  return `${last.words}${means} ${age(Date.now() / 1000 - last.at)} ago, after ${age(last.lived_s)}`;
}
