// One service: state, part of the plan, environment, events, and its log.

import { actions } from "./actions.js";
import { h, setText, spoken } from "./dom.js";
import { age, bytes, cores, moment } from "./format.js";
import { call, known } from "./live.js";
import { eventWords } from "./logline.js";
import { LogPane } from "./logpane.js";
import { addresses } from "./overview.js";
import { whyCard } from "./why.js";

export function servicePage(name) {
  const pane = new LogPane();
  let service = null;
  let shownState = "";
  const state = h("span", { class: "status" });
  const about = h("p", { class: "lede" });
  const buttons = actions(name, () => service, { isLabelled: true });
  const words = h("p", { class: "why-box", hidden: true });
  const use = h("p", { class: "use" });
  const details = h("div", { class: "details" });
  const problem = h("p", { class: "empty", hidden: true });
  const content = h("div", {},
    h("div", { class: "page-head" },
      h("div", {}, h("h1", {}, name), about),
      h("div", { class: "actions" }, buttons.elements)),
    h("div", { class: "facts" }, state, use),
    words,
    details,
    h("section", { class: "card log-card" },
      h("header", {}, h("h2", {}, "Log"),
        h("a", { href: `/logs?services=${encodeURIComponent(name)}` }, "Open in the log view")),
      pane.element));

  async function load() {
    try {
      const told = await call(`/api/services/${encodeURIComponent(name)}`);
      details.replaceChildren(...drawDetails(told).filter(Boolean));
    } catch (error) {
      if (!service) {
        content.hidden = true;
        problem.hidden = false;
        problem.replaceChildren(...spoken(error.message), " ", h("a", { href: "/" }, "All services"));
      }
    }
  }

  function update() {
    const now = known.services.get(name);
    const used = known.usage[name];
    setText(use, used ? `CPU ${cores(used.cpu)} · ${bytes(used.memory_bytes)}`.replace("CPU  · ", "") : "");
    if (!now || now === service) return;
    service = now;
    setText(about, now.description);
    [state.className, state.textContent] = [`status ${now.tone}`, now.state];
    buttons.update(now);
    words.hidden = now.tone === "good" && !now.mend;
    words.className = `why-box tone-${now.tone}`;
    words.replaceChildren(h("b", {}, spoken(now.sentence)), " ", ...spoken(now.mend));
    const key = `${now.state} ${now.since}`;
    if (key !== shownState) {
      shownState = key;
      load();
    }
  }

  load();
  pane.open(new URLSearchParams({ services: name }));
  return { title: name, element: h("div", {}, problem, content), isFollowing: true, update, close: () => pane.close() };
}

function drawDetails({ service, environment, plan, dependents, events, why }) {
  return [
    whyCard(why),
    h("section", { class: "card" }, h("h2", {}, "Plan"), facts(planFacts(service, plan, dependents))),
    h("section", { class: "card" }, h("h2", {}, "Events"), eventList(events)),
    h("section", { class: "card" },
      h("h2", {}, "Environment"),
      h("p", { class: "hint" }, spoken(`Declared for it, over the base; secrets are masked. \`hd env ${service.name}\` shows all.`)),
      facts(Object.entries(environment).map(([key, value]) => [h("code", {}, key), h("code", {}, value || "(empty)")]))),
  ];
}

function facts(pairs) {
  const shown = pairs.filter(([, value]) => (Array.isArray(value) ? value.length : value));
  return h("dl", { class: "pairs" }, shown.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

function names(list) {
  return list.flatMap((name, index) => [index ? ", " : "", h("a", { href: `/services/${encodeURIComponent(name)}` }, name)]);
}

function planFacts(service, plan, dependents) {
  const { probe, restart } = plan;
  const check = { http: probe.target, tcp: probe.target, log: `a line that matches ${probe.target}`,
    exec: probe.argv.join(" "), listen: "its own process listens on its port", none: "none declared" }[probe.kind];
  const policy = restart.mode + (restart.retries === null ? "" : `, at most ${restart.retries} times`);
  return [
    ["Address", addresses(service)],
    ["Process", service.pid ? `pid ${service.pid}` : ""],
    ["Source", service.source],
    ["Command", h("code", {}, plan.argv.join(" "))],
    ["Folder", h("code", {}, plan.directory)],
    ["Health check", `${check}${probe.kind === "none" ? "" : `, every ${age(probe.interval_s)}`}`],
    ["Needs", plan.depends_on.flatMap((each, index) => [index ? ", " : "", ...names([each.program]),
      ` ${each.condition}${each.is_required ? "" : " (not required)"}`])],
    ["Needed by", names(dependents)],
    ["Restart", policy],
    ["Stop", `SIG${plan.stop_signal.replace(/^SIG/, "")}, then SIGKILL after ${age(plan.stop_grace_s)}`],
    ["Watched", plan.watched.map((each) => h("div", {}, h("code", {}, each.path)))],
    ["Set-up", plan.setup.map((each) => h("div", {}, `${each.kind} `, h("code", {}, each.inputs.join(" "))))],
    ["Declared at", h("code", {}, plan.declared_at)],
  ];
}

function eventList(events) {
  if (!events.length) return h("p", { class: "hint" }, "Nothing has happened yet.");
  return h("ol", { class: "events" }, events.slice(0, 100).map((event) =>
    h("li", {}, h("time", {}, moment(event.at)), h("span", {}, eventWords(event.state, event.cause, event.reason)))));
}
