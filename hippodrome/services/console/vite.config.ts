// The dev server: where it listens, what it proxies, what it answers itself.
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { surroundings } from "./server/environment.ts";
import { health } from "./server/health.ts";
import { logger } from "./server/logger.ts";
import { backend, sameOriginOnly } from "./server/proxy.ts";
import { pageLinks } from "./server/links.ts";

const { host, port, cacheDir, controllerUrl, cellUrl, dashboardUrl } = surroundings(process.env);

export default defineConfig({
  plugins: [react(), health(), sameOriginOnly(), pageLinks({ controllerUrl, cellUrl, dashboardUrl })],
  ...(cacheDir === undefined ? {} : { cacheDir }),
  customLogger: logger(),
  clearScreen: false,
  // The whole list, so that the first page load neither scans the sources nor reloads itself.
  optimizeDeps: {
    include: ["react", "react-dom", "react-dom/client", "react/jsx-runtime", "react/jsx-dev-runtime"],
    noDiscovery: true,
  },
  server: {
    host,
    port,
    strictPort: true,
    cors: false,
    watch: { usePolling: false },
    warmup: { clientFiles: ["./src/main.tsx"] },
    proxy: {
      "/api/controller": backend("controller", controllerUrl, dashboardUrl),
      "/api/cell": backend("cell", cellUrl, dashboardUrl),
    },
  },
});
