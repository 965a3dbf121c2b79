// The page's state in the address: which page, which view, which search.
import { useSyncExternalStore } from "react";
import type { SearchMethod } from "../api/types";
import { parseShopRoute, type ShopRoute } from "./shopRoute";

export const VIEWS = ["search", "documents", "add", "settings"] as const;
export type View = (typeof VIEWS)[number];

export interface IndexRoute {
  readonly page: "index";
  readonly name: string;
  readonly view: View;
  readonly q: string;
  readonly method: SearchMethod;
  readonly filter: string;
  readonly limit: number;
}

export const PLAIN_PAGES = ["indexes", "shop", "jobs", "keys", "sign-in"] as const;

export type Route =
  | { readonly page: (typeof PLAIN_PAGES)[number] }
  | IndexRoute
  | ShopRoute
  | { readonly page: "unknown" };

export const PAGE_SIZE = 10;
const MOVED = "hippodrome:moved";

export function parseRoute(path: string, query: string): Route {
  const [first = "indexes", second, ...more] = path.split("/").filter(Boolean).map(decodeURIComponent);
  const values = new URLSearchParams(query);
  const page = PLAIN_PAGES.find((known) => known === first);
  if (page === undefined || more.length > 0) return { page: "unknown" };
  if (second === undefined) return { page };
  if (page === "indexes") return parseIndexRoute(second, values);
  return page === "shop" ? parseShopRoute(second, values) : { page: "unknown" };
}

function parseIndexRoute(name: string, values: URLSearchParams): IndexRoute {
  return {
    page: "index",
    name,
    view: VIEWS.find((view) => view === values.get("view")) ?? "search",
    q: values.get("q") ?? "",
    method: values.get("method") === "LEXICAL" ? "LEXICAL" : "TENSOR",
    filter: values.get("filter") ?? "",
    limit: Math.min(Math.max(Number(values.get("limit")) || PAGE_SIZE, 1), 1000),
  };
}

/** The address of an index; what has its usual value is left out. */
export function indexPath(
  name: string,
  { view, q, method, filter, limit }: Partial<IndexRoute> = {},
): string {
  const values = new URLSearchParams();
  if (view && view !== "search") values.set("view", view);
  if (q) values.set("q", q);
  if (method && method !== "TENSOR") values.set("method", method);
  if (filter) values.set("filter", filter);
  if (limit && limit !== PAGE_SIZE) values.set("limit", String(limit));
  const query = values.toString();
  return `/indexes/${encodeURIComponent(name)}${query && `?${query}`}`;
}

/** Goes to `path`; with `replace` the browser's "back" does not return to where we are. */
export function go(path: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, "", path);
  else history.pushState(null, "", path);
  dispatchEvent(new Event(MOVED));
}

export function useRoute(): Route {
  const url = useSyncExternalStore(onMove, () => location.pathname + location.search);
  const [path = "/", query = ""] = url.split("?", 2);
  return parseRoute(path, query);
}

function onMove(listener: () => void): () => void {
  addEventListener("popstate", listener);
  addEventListener(MOVED, listener);
  return () => {
    removeEventListener("popstate", listener);
    removeEventListener(MOVED, listener);
  };
}
