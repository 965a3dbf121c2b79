// The dev server: where it listens, what it proxies, what it answers itself.
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { surroundings } from "./server/environment.ts";
import { health } from "./server/health.ts";
import { logger } from "./server/logger.ts";
import { backends, sameOriginOnly } from "./server/proxy.ts";
import { pageLinks } from "./server/links.ts";
import { savedFiles } from "./server/saving.ts";

const { host, port, cacheDir, cellKey, ...links } = surroundings(process.env);

export default defineConfig({
  plugins: [react(), savedFiles(), health(), sameOriginOnly(), pageLinks(links)],
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
    proxy: backends(
      {
        controller: links.controllerUrl,
        cell: links.cellUrl,
        admin_server: links.adminUrl,
        search_proxy: links.searchUrl,
        cognito: links.cognitoUrl,
      },
      { dashboardUrl: links.dashboardUrl, cellKey },
    ),
  },
});
