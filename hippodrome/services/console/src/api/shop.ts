// A shop: what its back office keeps, and what its shoppers are answered.
import { ApiError } from "./error";
import { answerOf, fromAdmin, fromCell, fromController } from "./client";
import type {
  ApiKey,
  Collection,
  Job,
  NewRule,
  Product,
  Rule,
  ShopAnswer,
  ShopIndex,
  ShopQuestion,
  ShopSettings,
} from "./shopTypes";
import type { Document } from "./types";

const KEYS = "/api/v2/keys";
const SHOWN = [
  "productTitle",
  "variantTitle",
  "price",
  "variantImageUrl",
  "parentProductId",
  "brand",
  "color",
  "productCollections",
];

const at = (index: string, rest = ""): string => `/indexes/${encodeURIComponent(index)}${rest}`;
const signalled = (signal?: AbortSignal) => (signal ? { signal } : {});

export async function listShops(signal?: AbortSignal): Promise<readonly ShopIndex[]> {
  return (await fromAdmin<{ indexes: readonly ShopIndex[] }>("/indexes", signalled(signal))).indexes;
}

export function readShop(name: string, signal?: AbortSignal): Promise<ShopIndex & { documents: number }> {
  return fromAdmin(at(name), signalled(signal));
}

export interface Seen {
  readonly answer: ShopAnswer;
  /** Ids of the rules that had a part in it. */
  readonly acted: readonly string[];
}

/** What a shopper sees: the gateway is asked as a storefront asks it, by the index's public id alone. */
export async function askShop(
  { name, indexId }: Pick<ShopIndex, "name" | "indexId">,
  question: ShopQuestion,
  signal?: AbortSignal,
): Promise<Seen> {
  const { q, collection, filter, sort, limit } = question;
  const shared = {
    limit,
    ...(filter ? { filter } : {}),
    ...(sort ? { sortBy: { fields: [sort] } } : {}),
    attributesToRetrieve: SHOWN,
  };
  const [path, body] = collection
    ? ["collections", { ...shared, collectionName: collection }]
    : ["search", { ...shared, q }];
  const { body: answer, headers } = await answerOf<ShopAnswer>(
    "search_proxy",
    `/api/v1${at(name, `/${path}`)}`,
    { method: "POST", body, headers: { "x-marqo-index-id": indexId }, ...signalled(signal) },
  );
  return { answer, acted: (headers.get("x-hippodrome-rules") ?? "").split(",").map(trimmed).filter(Boolean) };
}

export interface Page {
  readonly hits: readonly Product[];
  readonly totalHits: number;
}

/** Products as they are kept, each once, without settings and rules; `filter` in the data plane's language. */
export function browseProducts(
  indexId: string,
  { words, filter, offset, limit }: { words: string; filter: string; offset: number; limit: number },
  signal?: AbortSignal,
): Promise<Page> {
  return fromCell(at(indexId, "/search"), {
    method: "POST",
    body: {
      q: words || "*",
      searchMethod: "HYBRID", // the only one that shows each product once
      hybridParameters: { retrievalMethod: "lexical", rankingMethod: "lexical" },
      limit,
      offset,
      trackTotalHits: true,
      collapseFields: [{ name: "parentProductId" }],
      ...(filter ? { filter } : {}),
    },
    ...signalled(signal),
  });
}

/** All variants of a product, at most a hundred. */
export async function readVariants(
  indexId: string,
  product: Product,
  signal?: AbortSignal,
): Promise<readonly Product[]> {
  const [field, value] = product.parentProductId
    ? ["parentProductId", product.parentProductId]
    : ["_id", product._id];
  const { hits } = await fromCell<Page>(at(indexId, "/search"), {
    method: "POST",
    body: { q: "*", searchMethod: "LEXICAL", limit: 100, filter: `${field}:(${value})` },
    ...signalled(signal),
  });
  return hits.toSorted((a, b) => a._id.localeCompare(b._id));
}

/** Adds or replaces; the job tells when it can be found. */
export function saveDocument(index: string, document: Document): Promise<{ jobId: string }> {
  return taken(fromAdmin(at(index, "/documents"), { method: "POST", body: { documents: [document] } }));
}

export function removeDocument(index: string, id: string): Promise<{ jobId: string }> {
  return taken(fromAdmin(at(index, "/documents"), { method: "DELETE", body: { ids: [id] } }));
}

interface Taken {
  readonly jobId: string;
  readonly errors: readonly { readonly message: string }[];
}

async function taken(asked: Promise<Taken>): Promise<Taken> {
  const told = await asked;
  const [first] = told.errors;
  if (first === undefined) return told;
  throw new ApiError({
    message: first.message,
    code: "document_refused",
    status: 0,
    requestId: told.jobId,
    service: "admin_server",
  });
}

export async function listCollections(index: string, signal?: AbortSignal): Promise<readonly Collection[]> {
  const told = await fromAdmin<{ collections: readonly Collection[] }>(
    at(index, "/collections"),
    signalled(signal),
  );
  return told.collections;
}

export async function listRules(index: string, signal?: AbortSignal): Promise<readonly Rule[]> {
  return (await fromAdmin<{ rules: readonly Rule[] }>(at(index, "/rules"), signalled(signal))).rules;
}

/** Replaces the rule with this id; without one, makes it. */
export function saveRule(index: string, rule: NewRule & Partial<Rule>, id?: string): Promise<Rule> {
  const { id: _id, version: _version, updatedAt: _updatedAt, ...body } = rule;
  const path = at(index, id ? `/rules/${encodeURIComponent(id)}` : "/rules");
  return fromAdmin(path, { method: id ? "PUT" : "POST", body });
}

export async function deleteRule(index: string, id: string): Promise<void> {
  await fromAdmin(at(index, `/rules/${encodeURIComponent(id)}`), { method: "DELETE" });
}

export async function readShopSettings(index: string, signal?: AbortSignal): Promise<ShopSettings> {
  return fromAdmin(at(index, "/settings"), signalled(signal));
}

export function saveShopSettings(index: string, changed: Partial<ShopSettings>): Promise<ShopSettings> {
  return fromAdmin(at(index, "/settings"), { method: "PATCH", body: changed });
}

export async function listJobs(signal?: AbortSignal): Promise<readonly Job[]> {
  return (await fromAdmin<{ jobs: readonly Job[] }>("/jobs", signalled(signal))).jobs;
}

export function readJob(id: string, signal?: AbortSignal): Promise<Job> {
  return fromAdmin(`/jobs/${encodeURIComponent(id)}`, signalled(signal));
}

/** Of an import that is under way. */
export async function stopJob(id: string): Promise<void> {
  await fromAdmin(`/jobs/${encodeURIComponent(id)}/stop`, { method: "POST" });
}

export async function listKeys(signal?: AbortSignal): Promise<readonly ApiKey[]> {
  return (await fromController<{ keys: readonly ApiKey[] }>(KEYS, signalled(signal))).keys;
}

/** The only answer that has the key itself. */
export function makeKey(name: string, scope: ApiKey["scope"]): Promise<ApiKey & { key: string }> {
  return fromController(KEYS, { method: "POST", body: { name, scope } });
}

export async function takeBackKey(id: string): Promise<void> {
  await fromController(`${KEYS}/${encodeURIComponent(id)}`, { method: "DELETE" });
}

function trimmed(text: string): string {
  return text.trim();
}
