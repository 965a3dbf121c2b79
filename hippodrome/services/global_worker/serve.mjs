// Runs the worker on this machine, in the runtime that it would have at the edge.
// Told to end, Miniflare ends that runtime and itself.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Miniflare } from "miniflare";

const { version } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf-8"));
const { HOST = "127.0.0.1", PORT = "9013", DATA_DIR = "data", CELL_URL = "http://localhost:9001" } = process.env;
const { CACHE_TTL_MS = "1000", CELL_API_KEY = "" } = process.env;

const worker = new Miniflare({
  name: "global-worker",
  rootPath: fileURLToPath(new URL(".", import.meta.url)),
  scriptPath: "src/worker.mjs",
  modules: true,
  compatibilityDate: "2026-04-01",
  host: HOST,
  port: Number(PORT),
  cf: false, // else it asks the network where on earth it is
  kvNamespaces: ["KV"],
  kvPersist: `${DATA_DIR}/kv`,
  bindings: {
    CELL_URL: CELL_URL.replace(/\/+$/, ""),
    CELL_API_KEY,
    CACHE_TTL_MS: Number(CACHE_TTL_MS),
    VERSION: version,
  },
});

try {
  await worker.ready;
  console.log(`INFO global_worker: serving host=${HOST} port=${PORT} cell=${CELL_URL}`);
} catch (error) {
  console.error(`ERROR global_worker: ${error.message}`);
  process.exit(1);
}
