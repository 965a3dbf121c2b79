// The worker: its routes, its cache, a line in the log for every request.
import { Answers } from "./answers.mjs";
import { readAsked } from "./asked.mjs";
import { Cell } from "./cell.mjs";
import { ApiError, asApiError } from "./errors.mjs";
import { local, readKept } from "./kept.mjs";
import { described } from "./openapi.mjs";
import { acting } from "./rules.mjs";
import { search, similar } from "./search.mjs";

const PASSED_ON = ["x-request-id", "traceparent", "tracestate"];
const ROUTES = [
  ["GET", /^\/health$/, health],
  ["GET", /^\/openapi\.json$/, openapi],
  ["POST", /^\/indexes\/([^/]+)\/(search|collections|recommendations\/similar)$/, shop],
  ...["GET", "PUT", "DELETE"].map((method) => [method, /^\/__local\/kv\/(.+)$/, keptValue]),
];
const answers = new Answers();

export default {
  async fetch(request, env) {
    const began = Date.now();
    const headers = passedOn(request.headers);
    const response = await route(request, env, headers).catch((error) => {
      const { status, body } = asApiError(error);
      return Response.json(body, { status });
    });
    response.headers.set("x-request-id", headers["x-request-id"]);
    if (!request.headers.get("user-agent")?.startsWith("hippodrome-probe")) {
      const { pathname } = new URL(request.url);
      const told = `status=${response.status} ms=${Date.now() - began} request_id=${headers["x-request-id"]}`;
      console.log(`INFO http: ${request.method} ${pathname} ${told}`);
    }
    return response;
  },
};

function passedOn(headers) {
  const id = headers.get("x-request-id");
  const given = PASSED_ON.map((name) => [name, headers.get(name)]).filter(([, value]) => value);
  const made = /^[!-~]{1,200}$/.test(id ?? "") ? id : crypto.randomUUID().replaceAll("-", "");
  return { ...Object.fromEntries(given), "x-request-id": made };
}

async function route(request, env, headers) {
  const { pathname } = new URL(request.url);
  const known = ROUTES.filter(([, path]) => path.test(pathname));
  if (!known.length) throw new ApiError(404, "not_found", `There is no ${pathname} here.`);
  const [, path, answer] = known.find(([method]) => method === request.method) ?? [];
  if (!answer) throw new ApiError(405, "method_not_allowed", `${pathname} takes ${known.map(([m]) => m).join(", ")}.`);
  return answer({ request, env, headers }, ...path.exec(pathname).slice(1).map(decoded));
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new ApiError(400, "bad_request", `${part} is not written as a part of a URL.`);
  }
}

async function health({ env }) {
  return Response.json({ status: "ok", service: "global_worker", version: env.VERSION });
}

async function openapi({ env }) {
  return Response.json(described(env.VERSION));
}

async function keptValue({ request, env }, key) {
  return local(request, env.KV, key);
}

async function shop({ request, env, headers }, index, what) {
  const now = Date.now();
  const asked = readAsked(what, await request.text());
  const kept = await readKept(env.KV, index);
  const rules = acting(kept.rules, asked.place, now);
  const key = JSON.stringify([index, asked, kept.version, rules.map(({ id }) => id)]);
  const known = answers.get(key, { ageMs: env.CACHE_TTL_MS, now });
  if (known) return answered(known, "HIT");
  const credentials = env.CELL_API_KEY && { "x-api-key": env.CELL_API_KEY };
  const cell = new Cell(env.CELL_URL, encodeURIComponent(index), { ...headers, ...credentials });
  const found = await (what.endsWith("similar") ? similar : search)({ asked, settings: kept.settings, rules, cell });
  const fresh = { body: { ...found.answer, processingTimeMs: Date.now() - now }, applied: idsOf(found.applied) };
  answers.set(key, fresh, now);
  return answered(fresh, "MISS");
}

function idsOf(rules) {
  return [...new Set(rules.map(({ id }) => encodeURIComponent(id)))].join(",");
}

function answered({ body, applied }, cached) {
  return Response.json(body, { headers: { "x-hippodrome-rules": applied, "x-cache": cached } });
}
