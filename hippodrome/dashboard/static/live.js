// What is known of the stack, by one connection to the server for each tab that is looked at.

const RETRY_MS = 2000;
const HIDDEN_MS = 30_000; // browsers allow six connections to one host: tabs in the background let theirs go
const GLANCE_MS = 15_000;

export const known = {
  stack: null,
  services: new Map(),
  usage: {},
  connection: "connecting", // or "live", "lost"
  lostAt: 0,
  dead: 0, // events that could not be delivered
};

const readers = new Set();
let source = null;
let wanted = null; // what the page follows: { query, after, onlines } or { query, onrecord }
let retry = 0;
let hiding = 0;

export function onChange(reader) {
  readers.add(reader);
  return () => readers.delete(reader);
}

export function failures() {
  return [...known.services.values()].filter((service) => service.is_failure).length;
}

// Lines of `query` (URLSearchParams) from `after` on are given to `onlines`; `onrecord` hears that the record of events
// has changed. null when the page wants neither.
export function follow(news) {
  if (source && !news && !wanted) return;
  wanted = news;
  connect();
}

export function learnDead(dead) {
  if (dead === known.dead) return;
  known.dead = dead;
  tell();
}

export async function call(path, body) {
  const asked = body === undefined ? {} : {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
  const response = await fetch(path, asked);
  const told = await response.json();
  if (response.status === 401 && body === undefined) location.reload(); // the token is another now: says how to get in
  if (!response.ok) throw new Error(told.message || response.statusText);
  return told;
}

function tell() {
  for (const reader of readers) reader();
}

function connect() {
  clearTimeout(retry);
  source?.close();
  const query = new URLSearchParams(wanted ? wanted.query : "");
  if (wanted?.after) query.set("after", wanted.after);
  source = new EventSource(`/api/stream?${query}`);
  source.addEventListener("states", (event) => learn(JSON.parse(event.data)));
  source.addEventListener("usage", (event) => {
    known.usage = JSON.parse(event.data);
    tell();
  });
  source.addEventListener("lines", (event) => {
    if (!wanted) return;
    wanted.after = event.lastEventId;
    wanted.onlines(JSON.parse(event.data), wanted.after);
  });
  source.addEventListener("events", () => wanted?.onrecord?.());
  source.onerror = () => {
    lose();
    // After a refusal the browser does not try again by itself.
    if (source.readyState === EventSource.CLOSED) {
      retry = setTimeout(connect, RETRY_MS);
      leaveIfShut();
    }
  };
}

function learn({ stack, is_whole, services }) {
  if (is_whole) known.services = new Map();
  for (const service of services) known.services.set(service.name, service);
  known.stack = stack;
  known.connection = "live";
  tell();
}

function lose() {
  if (known.connection !== "lost") {
    known.connection = "lost";
    known.lostAt = Date.now() / 1000;
    tell();
  }
}

// The stream does not say why it is refused.
async function leaveIfShut() {
  const told = await call("/api/status").catch(() => ({ sees: "all" }));
  if (told.sees !== "all") location.reload();
}

async function glance() {
  try {
    const { sees, stack, services } = await call("/api/status");
    if (sees !== "all") location.reload();
    else learn({ stack, is_whole: true, services });
  } catch {
    lose();
  }
}

document.addEventListener("visibilitychange", () => {
  clearTimeout(hiding);
  clearInterval(hiding);
  if (!document.hidden) {
    if (!source) connect();
    return;
  }
  hiding = setTimeout(() => {
    clearTimeout(retry);
    source?.close();
    source = null;
    hiding = setInterval(glance, GLANCE_MS);
  }, HIDDEN_MS);
});
