// Set-up of a checkout of the worker: where it brings no wrangler, the one that we are locked to is made.
import { execFileSync } from "node:child_process";
import { home, wranglerOf } from "./wrangler.mjs";

if (!wranglerOf(process.cwd())) {
  execFileSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: home, stdio: "inherit" });
}
