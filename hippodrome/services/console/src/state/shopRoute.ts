// A shop's page in the address: which view, and what is looked for.
import type { ShopQuestion, Sort } from "../api/shopTypes";

export const SHOP_VIEWS = ["shopper", "catalogue", "rules", "settings"] as const;
export type ShopView = (typeof SHOP_VIEWS)[number];

/** A value of a facet that was chosen, or a range `from TO to`. */
export interface Choice {
  readonly field: string;
  readonly value: string;
}

export interface ShopRoute {
  readonly page: "in-shop";
  readonly name: string;
  readonly view: ShopView;
  readonly q: string;
  readonly collection: string;
  readonly choices: readonly Choice[];
  readonly sort: Sort | null;
  readonly limit: number;
}

export const SHELF = 24;
const LIMIT_MAX = 960;
const RANGE = /^\[.* TO .*\]$/;

export function parseShopRoute(name: string, values: URLSearchParams): ShopRoute {
  return {
    page: "in-shop",
    name,
    view: SHOP_VIEWS.find((view) => view === values.get("view")) ?? "shopper",
    q: values.get("q") ?? "",
    collection: values.get("collection") ?? "",
    choices: values.getAll("choice").map(parseChoice),
    sort: parseSort(values.get("sort") ?? ""),
    limit: Math.min(Math.max(Number(values.get("limit")) || SHELF, 1), LIMIT_MAX),
  };
}

/** The address; what has its usual value is left out. */
export function shopPath(name: string, route: Partial<ShopRoute> = {}): string {
  const { view, q, collection, choices = [], sort, limit } = route;
  const values = new URLSearchParams();
  if (view && view !== "shopper") values.set("view", view);
  if (q) values.set("q", q);
  if (collection) values.set("collection", collection);
  for (const { field, value } of choices) values.append("choice", `${field}:${value}`);
  if (sort) values.set("sort", `${sort.fieldName}:${sort.order}`);
  if (limit && limit !== SHELF) values.set("limit", String(limit));
  const query = values.toString();
  return `/shop/${encodeURIComponent(name)}${query && `?${query}`}`;
}

/** What the gateway is asked. */
export function questionOf({ q, collection, choices, sort, limit }: ShopRoute): ShopQuestion {
  return { q, collection, filter: filterOf(choices), sort, limit };
}

/** In the data plane's language: any of a field's chosen values, and one of every field. */
export function filterOf(choices: readonly Choice[]): string {
  const fields = [...new Set(choices.map(({ field }) => field))];
  const chosen = (field: string) => choices.filter((choice) => choice.field === field);
  return fields.map((field) => `(${chosen(field).map(term).join(" OR ")})`).join(" AND ");
}

function term({ field, value }: Choice): string {
  return RANGE.test(value) ? `${field}:${value}` : `${field}:(${value.replace(/[\\()]/g, "\\$&")})`;
}

function parseChoice(text: string): Choice {
  const colon = text.indexOf(":");
  return { field: text.slice(0, colon), value: text.slice(colon + 1) };
}

function parseSort(text: string): Sort | null {
  const [fieldName, order] = text.split(":");
  if (!fieldName || (order !== "asc" && order !== "desc")) return null;
  return { fieldName, order };
}
