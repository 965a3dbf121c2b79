// The wrangler that runs a checkout: its own, or the one that the reference worker is locked to.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const BIN = "node_modules/wrangler/bin/wrangler.js";

/** The folder that has the lock of our own. */
export const home = fileURLToPath(new URL("..", import.meta.url));

/** Its file, looked for in the folder, in those above it (as npm's workspaces have it), and in ours; null for none. */
export function wranglerOf(folder) {
  for (let at = folder; at !== dirname(at); at = dirname(at)) {
    if (existsSync(join(at, BIN))) return join(at, BIN);
  }
  return existsSync(join(home, BIN)) ? join(home, BIN) : null;
}
