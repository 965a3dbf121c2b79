// wrangler.local.toml of a checkout: made where it is missing, and else left as it is.
import { existsSync, readFileSync, writeFileSync } from "node:fs";

/**
 * @param {string} path
 * @param {{port: string, cellUrl: string}} ours which the command line says as well, and that wins
 * @returns {string[]} what there is to say of it
 */
export function settle(path, ours) {
  if (!existsSync(path)) {
    writeFileSync(path, made(ours));
    return [`made ${path}, which was missing`];
  }
  const said = readFileSync(path, "utf-8");
  const overruled = [
    differs(said, "port", ours.port, "--port"),
    differs(said, "CELL_URL", ours.cellUrl, "--var"),
  ].filter(Boolean);
  return [`${path} is used as it is`, ...overruled.map((line) => `${path} ${line}`)];
}

function differs(text, name, wanted, flag) {
  const said = new RegExp(`^\\s*${name}\\s*=\\s*["']?([^"'#\\n]*?)["']?\\s*(?:#.*)?$`, "m").exec(text)?.[1].trim();
  return said !== undefined && said !== wanted && `says ${name} ${said}; ${flag} makes it ${wanted} in this stack`;
}

function made({ port, cellUrl }) {
  return `name = "local-global-worker"
main = "src/index.ts"
compatibility_date = "2024-09-23"
compatibility_flags = ["nodejs_compat"]

[vars]
ENV = "dev"
FULL_ENV = "dev-local"
CELL_URL = "${cellUrl}"

[dev]
port = ${port}
local_protocol = "http"
`;
}
