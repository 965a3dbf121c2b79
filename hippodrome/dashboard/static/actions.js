// Start, stop and restart.

import { confirm, iconButton, notice } from "./dom.js";
import { call } from "./live.js";

const RUNNING = new Set(["starting", "running", "healthy", "unhealthy", "backoff", "waiting", "blocked"]);
const OWN = "dashboard";

export function isRunning(service) {
  return RUNNING.has(service.state);
}

// The buttons of one service; `update` keeps them true to its state without making them anew.
export function actions(name, get) {
  const restart = iconButton("restart", `Restart ${name}`, () => act(name, "restart", get));
  const stop = iconButton("stop", `Stop ${name}`, () => act(name, "stop", get));
  const start = iconButton("start", `Start ${name}`, () => act(name, "start", get));
  return {
    elements: [restart, stop, start],
    update(service) {
      const runs = isRunning(service);
      restart.hidden = stop.hidden = !runs;
      start.hidden = runs;
      for (const button of [restart, stop, start]) button.disabled = service.state === "stopping";
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

function isSure(service) {
  const others = service.needed_by;
  const texts = [];
  if (others.length) texts.push(`This also stops ${others.map((name) => `\`${name}\``).join(", ")}.`);
  if ([service.name, ...others].includes(OWN)) {
    texts.push("This page is served by it; `hd start dashboard` brings it back.");
  }
  if (!texts.length) return true;
  return confirm({ title: `Stop ${service.name}?`, text: texts.join(" "), action: "Stop" });
}
