// What the worker keeps in KV of each index, and how it gets there on a developer's machine.
import { ApiError } from "./errors.mjs";

const DEFAULTS = {
  searchableFields: {}, // all
  facets: {},
  defaultSort: null,
  collapse: false,
  synonyms: [],
  redirects: [],
};
const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);
const KEY_BYTES_MAX = 512; // as KV has it

/** Settings and rules of an index, and a text that changes whenever they do. */
export async function readKept(kv, index) {
  const [settings, merch] = await Promise.all([read(kv, `settings:${index}`), read(kv, `merch:${index}`)]);
  return {
    settings: { ...DEFAULTS, ...settings.value },
    rules: merch.value.rules ?? [],
    version: `${settings.digest} ${merch.digest}`,
  };
}

async function read(kv, key) {
  const text = (await kv.get(key)) ?? "{}";
  try {
    return { value: JSON.parse(text), digest: await digest(text) };
  } catch {
    throw new ApiError(500, "internal", `The value of ${key} in KV is not JSON.`, { kind: "internal" });
  }
}

/** The values have versions, too; one that is written by hand may have kept its version. */
async function digest(text) {
  const bytes = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Stands for the KV API of the cloud: GET, PUT and DELETE of one value, for programs on this machine. */
export async function local(request, kv, key) {
  const { hostname } = new URL(request.url);
  if (!LOOPBACK.has(hostname)) {
    throw new ApiError(403, "forbidden", `KV is open to this machine alone, and was asked for as ${hostname}.`);
  }
  if (new TextEncoder().encode(key).length > KEY_BYTES_MAX) {
    throw new ApiError(400, "bad_request", `A key has at most ${KEY_BYTES_MAX} bytes.`);
  }
  return METHODS[request.method](request, kv, key);
}

const METHODS = {
  async GET(_, kv, key) {
    const text = await kv.get(key);
    if (text === null) throw new ApiError(404, "key_not_found", `There is no ${key} in KV.`);
    return new Response(text, { headers: { "content-type": "text/plain; charset=utf-8" } });
  },
  async PUT(request, kv, key) {
    await kv.put(key, await request.text());
    return Response.json({ key });
  },
  async DELETE(_, kv, key) {
    await kv.delete(key);
    return Response.json({ key, deleted: true });
  },
};
