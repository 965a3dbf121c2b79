// An event changed by hand and sent as a new one.

import { h, icon } from "./dom.js";

const MADE = ["id", "replay-name"]; // the webhook gives a new event an id

// `body`: of the event that it begins with; `onsent(id)` after the answer; `onclose` when it is left.
export function sendForm(body, { onsent, onclose }) {
  const { ...given } = body;
  for (const name of MADE) delete given[name];
  const text = JSON.stringify(given, null, 2);
  const wrong = h("p", { class: "wrong", id: "send-wrong", role: "alert", hidden: true });
  const area = h("textarea", { class: "edit", id: "send-text", rows: Math.min(16, text.split("\n").length + 1),
    spellcheck: "false", autocapitalize: "off", autocomplete: "off", "aria-describedby": "send-hint send-wrong" });
  const result = h("p", { class: "told", role: "status", hidden: true });
  const button = h("button", { type: "button", class: "button primary", onclick: send }, icon("send"), "Send");
  area.value = text;

  function check() {
    const problem = problemOf(area.value);
    wrong.hidden = !problem;
    wrong.textContent = problem;
    area.setAttribute("aria-invalid", String(Boolean(problem)));
    return !problem;
  }

  async function send() {
    if (!check()) {
      area.focus();
      return;
    }
    button.disabled = true;
    try {
      const answer = await fetch("/webhook/eventbridge", {
        method: "POST", headers: { "Content-Type": "application/json" }, body: area.value,
      });
      tell(await answer.json(), answer.headers.get("X-Event-Id"), answer.headers.has("X-Event-Repeated"));
    } catch (error) {
      tell({ reason: `not sent: ${error.message}` });
    }
    button.disabled = false;
  }

  function tell(told, id, isRepeat) {
    const [tone, words] = outcome(told);
    const repeat = isRepeat ? "It came before and is not delivered again; " : "";
    result.hidden = false;
    result.className = `told ${tone}`;
    result.replaceChildren(h("b", {}, repeat + words), " ",
      id ? h("a", { href: `/events/${encodeURIComponent(id)}` }, "Open the new event") : "");
    if (isRepeat) result.lastChild.textContent = "Open it";
    result.scrollIntoView({ block: "nearest" });
    if (id) onsent();
  }

  area.addEventListener("input", check);
  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
  });
  const element = h("section", { class: "send", "aria-labelledby": "send-title" },
    h("h3", { id: "send-title" }, "Edit and resend"),
    h("label", { class: "hint", id: "send-hint", for: "send-text" },
      "Sent to the webhook as it stands here; without an id it is a new event."),
    wrong, area,
    h("div", { class: "buttons" },
      h("button", { type: "button", class: "button", onclick: onclose }, "Cancel"), button),
    result);
  return { element, focus: () => area.focus() };
}

function problemOf(text) {
  try {
    const found = JSON.parse(text);
    return typeof found === "object" && found !== null && !Array.isArray(found) ? "" : "An event is a JSON object: { … }.";
  } catch (error) {
    return `This is not JSON: ${error.message}`;
  }
}

function outcome(told) {
  const reason = told.reason ?? told.message ?? "the dashboard did not say why";
  if (told.webhook_status === "forwarded") return ["good", `Delivered to ${told.target}.`];
  if (told.webhook_status === "queued") return ["busy", `Queued for ${told.target}: ${reason}.`];
  if (told.webhook_status === "dead") return ["bad", `Not delivered to ${told.target}: ${reason}.`];
  return told.status === "ignored" ? ["off", `Ignored: ${reason}.`] : ["bad", `Refused: ${reason}.`];
}
