// The addresses that the page shows, carried into it as meta tags.
import type { Plugin } from "vite";
import type { Surroundings } from "./environment.ts";

export type Links = Omit<Surroundings, "host" | "port" | "cacheDir" | "cellKey">;

/** Meta tags and not `define`: that would make Vite bundle the dependencies anew for every port. */
export function pageLinks(links: Links): Plugin {
  const named = {
    "controller-url": links.controllerUrl,
    "cell-url": links.cellUrl,
    "dashboard-url": links.dashboardUrl,
    "admin-url": links.adminUrl,
    "search-url": links.searchUrl,
    "cognito-url": links.cognitoUrl,
    "cognito-client-id": links.cognitoClientId,
  };
  return {
    name: "console-links",
    transformIndexHtml: () =>
      Object.entries(named).map(([name, content]) => ({
        tag: "meta",
        attrs: { name, content: content ?? "" },
        injectTo: "head",
      })),
  };
}
