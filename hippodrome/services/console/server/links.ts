// The addresses that the page shows, carried into it as meta tags.
import type { Plugin } from "vite";

export interface Links {
  readonly controllerUrl: string;
  readonly cellUrl: string;
  readonly dashboardUrl: string | null;
}

/** Meta tags and not `define`: that would make Vite bundle the dependencies anew for every port. */
export function pageLinks(links: Links): Plugin {
  const named = {
    "controller-url": links.controllerUrl,
    "cell-url": links.cellUrl,
    "dashboard-url": links.dashboardUrl ?? "",
  };
  return {
    name: "console-links",
    transformIndexHtml: () =>
      Object.entries(named).map(([name, content]) => ({
        tag: "meta",
        attrs: { name, content },
        injectTo: "head",
      })),
  };
}
