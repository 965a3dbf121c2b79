// All services in one table, kept current in place: focus and selection stay where they are.

import { actions } from "./actions.js";
import { draw, h, icon, setText, spoken } from "./dom.js";
import { age, bytes, cores, count } from "./format.js";
import { known } from "./live.js";

export function overviewPage() {
  const heading = h("h1", {}, "Services");
  const lede = h("p", { class: "lede" });
  const facts = h("ul", { class: "chips", "aria-label": "Stack" });
  const body = h("tbody");
  const notes = h("div", { class: "stack-notices" });
  const leftOut = h("section", { class: "left-out", hidden: true });
  const table = h(
    "table",
    { class: "services" },
    h("caption", { class: "unseen" }, "Services, their state and what they use"),
    h("thead", {}, h("tr", {},
      ["Service", "State", "Since", "Address", "Source", "CPU", "Memory", "Restarts"].map((name) =>
        h("th", { scope: "col", class: name.toLowerCase() }, name)),
      h("th", { scope: "col", class: "actions" }, h("span", { class: "unseen" }, "Actions")))),
    body,
  );
  const waiting = h("p", { class: "empty" }, "Asking for the state of the services…");
  const card = h("div", { class: "card", hidden: true }, table);
  const rows = new Map();

  function update() {
    if (!known.stack) return;
    const { stack } = known;
    waiting.hidden = true;
    card.hidden = !known.services.size;
    const folder = stack.project_root.split(/[\\/]/).filter(Boolean).pop() || "Services";
    setText(heading, stack.name ? `${folder}/${stack.name}` : folder);
    heading.title = stack.project_root;
    setText(lede, summary());
    draw(facts, chips(stack));
    draw(notes, stack.notices.map((text) => h("p", { class: "note" }, spoken(text))));
    drawRows();
    drawLeftOut(stack.left_out);
    tick();
  }

  function drawRows() {
    const names = [...known.services.keys()];
    if (names.join() !== [...rows.keys()].join()) {
      rows.clear();
      for (const name of names) rows.set(name, tableRow(name));
      body.replaceChildren(...[...rows.values()].flatMap((row) => row.elements));
    }
    for (const [name, row] of rows) row.update(known.services.get(name), known.usage[name]);
  }

  function drawLeftOut(left) {
    leftOut.hidden = !left.length;
    draw(leftOut, [
      h("h2", {}, "Not in this stack"),
      h("ul", {}, left.map((each) =>
        h("li", {}, h("b", {}, each.name), h("span", {}, each.description), h("em", {}, spoken(each.reason))))),
    ]);
  }

  function tick() {
    for (const row of rows.values()) row.tick();
  }

  const head = h("div", { class: "page-head" }, h("div", {}, heading, lede), facts);
  return { title: "Services", element: h("div", {}, head, notes, waiting, card, leftOut), update, tick, close() {} };
}

function chips(stack) {
  const told = [["branch", stack.branch], ["profile", stack.profile], ["cell", stack.cell], ["AWS", stack.aws],
    ["tables", stack.table_prefix],
    ["ports", stack.port_offset ? `${stack.port_offset > 0 ? "+" : ""}${stack.port_offset}` : ""]];
  return told.filter(([, value]) => value).map(([name, value]) =>
    h("li", { class: name === "cell" && value === "prod" ? "chip danger" : "chip" }, h("span", {}, name), value));
}

function summary() {
  const services = [...known.services.values()];
  if (!services.length) return "No plan has been compiled here yet: `hd up` makes one.".replaceAll("`", "");
  const good = services.filter((service) => service.tone === "good").length;
  if (good === services.length) return `All ${count(good, "service")} ready`;
  const bad = services.filter((service) => service.is_failure).length;
  return `${good} of ${count(services.length, "service")} ready${bad ? `, ${bad} failing` : ""}`;
}

function cell(name, ...children) {
  return h("td", { class: name.toLowerCase(), "data-name": name }, children);
}

function tableRow(name) {
  let service = null;
  const address = `/services/${encodeURIComponent(name)}`;
  const about = h("small");
  const state = h("span", { class: "status" });
  const since = cell("Since");
  const place = cell("Address");
  const source = cell("Source");
  const cpu = cell("CPU");
  const memory = cell("Memory");
  const times = h("span");
  const reason = h("small");
  const buttons = actions(name, () => service);
  const logs = h("a", { class: "icon-button", href: `/logs?services=${encodeURIComponent(name)}`,
    "aria-label": `Logs of ${name}`, title: `Logs of ${name}` }, icon("logs"));
  const line = h("tr", { "data-service": name },
    h("th", { scope: "row", class: "service" }, h("a", { href: address }, name), about),
    cell("State", state), since, place, source, cpu, memory, cell("Restarts", times, reason),
    h("td", { class: "actions" }, buttons.elements, logs));
  const words = h("p");
  const note = h("tr", { class: "why", hidden: true }, h("td", { colspan: 9 }, words));
  let drawn = "";

  return {
    elements: [line, note],
    tick() {
      const left = service?.retry_at ? Math.ceil(service.retry_at - Date.now() / 1000) : 0;
      setText(since, left > 0 ? `again in ${age(left)}` : service?.since ? age(Date.now() / 1000 - service.since) : "");
    },
    update(now, use) {
      setText(cpu, cores(use?.cpu));
      setText(memory, use ? bytes(use.memory_bytes) : "");
      if (now === service) return;
      service = now;
      line.className = now.is_failure ? "at-fault" : "";
      note.className = `why ${line.className}`;
      setText(about, now.description);
      if (state.textContent !== now.state) [state.className, state.textContent] = [`status ${now.tone}`, now.state];
      draw(place, addresses(now));
      setText(source, now.source);
      source.title = now.source;
      setText(times, now.restarts ? String(now.restarts) : "");
      setText(reason, now.restarts ? now.restart_reason : "");
      reason.title = now.restart_reason;
      buttons.update(now);
      const isPlain = now.sentence === now.state || (now.tone === "good" && !now.mend);
      note.hidden = isPlain;
      line.classList.toggle("has-why", !isPlain);
      const mend = now.root === name ? now.mend : ""; // the one at fault says what to do
      const told = `${now.sentence}|${mend}`;
      if (!isPlain && told !== drawn) {
        drawn = told;
        words.replaceChildren(h("b", {}, spoken(now.sentence)), " ", ...spoken(mend));
      }
    },
  };
}

export function addresses(service) {
  const main = service.url && h("a", { href: service.url, target: "_blank", rel: "noreferrer" },
    service.port ? `:${service.port}` : service.url);
  const others = Object.entries(service.ports).filter(([, port]) => port !== service.port)
    .map(([name, port]) => h("small", {}, `${name} :${port}`));
  const links = service.links.map((link) =>
    h("small", {}, h("a", { href: link.url, target: "_blank", rel: "noreferrer" }, link.name)));
  return [main || (service.port ? `:${service.port}` : ""), ...others, ...links];
}
