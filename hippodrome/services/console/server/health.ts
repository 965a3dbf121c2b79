// The console's own health: it serves, therefore it is well.
import type { Plugin } from "vite";
import manifest from "../package.json" with { type: "json" };
import { answer } from "./json.ts";

export function health(): Plugin {
  return {
    name: "console-health",
    configureServer(server) {
      server.middlewares.use("/health", (_request, response) => {
        answer(response, 200, { status: "ok", service: "console", version: manifest.version });
      });
    },
  };
}
