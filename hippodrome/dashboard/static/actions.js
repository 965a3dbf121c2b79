// Start, stop and restart.

import { confirm, h, icon, iconButton, notice } from "./dom.js";
import { call, known } from "./live.js";

const RUNNING = new Set(["starting", "running", "healthy", "unhealthy", "backoff", "waiting", "blocked"]);
const OWN = "dashboard";

export function isRunning(service) {
  return RUNNING.has(service.state);
}

// The buttons of one service; `update` keeps them true to its state without making them anew.
export function actions(name, get, { isLabelled } = {}) {
  const button = (action, word) => {
    const onclick = () => act(name, action, get);
    if (!isLabelled) return iconButton(action, `${word} ${name}`, onclick);
    return h("button", { type: "button", class: "button", onclick }, icon(action), word);
  };
  const restart = button("restart", "Restart");
  const stop = button("stop", "Stop");
  const start = button("start", "Start");
  return {
    elements: [restart, stop, start],
    update(service) {
      const runs = isRunning(service);
      restart.hidden = stop.hidden = !runs;
      start.hidden = runs;
      for (const each of [restart, stop, start]) each.disabled = service.state === "stopping";
    },
  };
}

async function act(name, action, get) {
  if (action === "stop" && !(await isSure(get()))) return;
  try {
    await call(`/api/services/${encodeURIComponent(name)}/${action}`, {});
  } catch (error) {
    notice(`${name}: ${error.message}`);
  }
}

// Services that need it, however far down: what is not required goes on.
function stoppedWith(name) {
  const stopped = new Set([name]);
  for (const each of stopped) {
    for (const other of known.services.values()) if (other.needs.includes(each)) stopped.add(other.name);
  }
  stopped.delete(name);
  return [...stopped];
}

function isSure(service) {
  const others = stoppedWith(service.name);
  const texts = [];
  if (others.length) texts.push(`This also stops ${others.map((name) => `\`${name}\``).join(", ")}.`);
  if ([service.name, ...others].includes(OWN)) {
    texts.push("This page is served by it; `hd start dashboard` brings it back.");
  }
  if (!texts.length) return true;
  return confirm({ title: `Stop ${service.name}?`, text: texts.join(" "), action: "Stop" });
}
