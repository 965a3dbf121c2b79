// Elements, icons and dialogs.

const ICONS = {
  restart: "M19 12a7 7 0 1 1-2-4.9M19 3v5h-5",
  stop: "M7 7h10v10H7z",
  start: "M8 5.5v13l10.5-6.5z",
  logs: "M5 6h14M5 10h14M5 14h9M5 18h6",
  outside: "M14 5h5v5M19 5l-8 8M17 14v5H5V7h5",
  pause: "M8 5v14M16 5v14",
  close: "M6 6l12 12M18 6L6 18",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  up: "M12 19V5M6 11l6-6 6 6",
  down: "M12 5v14M6 13l6 6 6-6",
  system: "M4 5h16v11H4zM9 20h6M12 16v4",
  light: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6 7 7M17 17l1.4 1.4M5.6 18.4 7 17M17 7l1.4-1.4",
  send: "M4 12 20 5l-5 15-3.5-6.5Z",
  dark: "M20 14.5A8 8 0 0 1 9.5 4 8 8 0 1 0 20 14.5Z",
};
const SVG = "http://www.w3.org/2000/svg";

export function h(tag, given = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

export function iconButton(name, label, onclick) {
  return h("button", { type: "button", class: "icon-button", "aria-label": label, title: label, onclick }, icon(name));
}

export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// Nothing is drawn again that looks the same already: focus and selection stay where they are.
export function draw(element, children) {
  const next = h("div", {}, children);
  if (next.innerHTML !== element.innerHTML) element.replaceChildren(...next.childNodes);
}

// `words` between backticks are code, in the sentences that the server makes.
export function spoken(sentence) {
  return sentence.split("`").map((part, index) => (index % 2 ? h("code", {}, part) : part));
}

export function notice(text, tone = "bad") {
  const box = document.getElementById("notices");
  const shown = h("p", { class: `notice ${tone}` }, text);
  box.append(shown);
  setTimeout(() => shown.remove(), 6000);
}

export function confirm({ title, text, action }) {
  return new Promise((resolve) => {
    const dialog = h(
      "dialog",
      { class: "ask", "aria-labelledby": "ask-title", onclose: () => done() },
      h("form", { method: "dialog" },
        h("h2", { id: "ask-title" }, title),
        h("p", {}, spoken(text)),
        h("div", { class: "buttons" },
          h("button", { value: "no", class: "button" }, "Cancel"),
          h("button", { value: "yes", class: "button primary" }, action))),
    );
    const done = () => {
      resolve(dialog.returnValue === "yes");
      dialog.remove();
    };
    document.body.append(dialog);
    dialog.showModal();
  });
}
