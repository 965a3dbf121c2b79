// Runs the checkout in the current folder as its authors do, by wrangler, on our port and with our cell.
import { spawn } from "node:child_process";
import { settle } from "./config.mjs";
import { wranglerOf } from "./wrangler.mjs";

const CONFIG = "wrangler.local.toml";
const { HOST = "127.0.0.1", PORT = "9013", DATA_DIR = "data", CELL_URL = "http://localhost:9001" } = process.env;

const wrangler = wranglerOf(process.cwd());
if (!wrangler) {
  console.error("ERROR global_worker: there is no wrangler; `hd setup global_worker` makes one");
  process.exit(1);
}
settle(CONFIG, { port: PORT, cellUrl: CELL_URL }).forEach((line) => console.log(`INFO global_worker: ${line}`));

const child = spawn(
  process.execPath,
  [
    wrangler, "dev", "--config", CONFIG, "--local", "--ip", HOST, "--port", PORT, "--inspector-port", "0",
    "--var", `CELL_URL:${CELL_URL}`, "--persist-to", `${DATA_DIR}/wrangler`, "--show-interactive-dev-session=false",
  ],
  { stdio: ["ignore", "inherit", "inherit"], env: { ...process.env, ...offline() } },
);
child.on("exit", (status) => process.exit(status ?? 1));
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => child.kill(signal));

/** Nothing is asked of the network, told to it, or written beside what other runs of wrangler write. */
function offline() {
  return {
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
    WRANGLER_HIDE_BANNER: "true", // which would look for a newer version
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_LOG_PATH: `${DATA_DIR}/wrangler/logs`,
    WRANGLER_REGISTRY_PATH: `${DATA_DIR}/wrangler/registry`,
  };
}
