// What a shopper asks: the body of a request, held against the fields that its route knows.
import { ApiError } from "./errors.mjs";

const LIMIT_MAX = 1000;
const WINDOW_MAX = 10_000; // as far as the cell pages
const IDS_MAX = 100;
const DEFAULT_ATTRIBUTES = [
  "productTitle", "variantTitle", "price", "variantImageUrl", "collections", "productCollections", "parentProductId",
];
const OWN = new Set(["_id", "_score", "ecomBucket"]); // answered always, answered always, answered never

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value) => typeof value === "string";

/** Kinds of values: what they are in JSON Schema, and whether a value is one. */
const TEXT = { schema: { type: "string" }, has: isText };
const INTEGER = { schema: { type: "integer" }, has: Number.isInteger };
const OBJECT = { schema: { type: "object" }, has: isObject };
const TEXTS = {
  schema: { type: "array", items: TEXT.schema },
  has: (value) => Array.isArray(value) && value.every(isText),
};

const PAGE = { limit: INTEGER, offset: INTEGER, filter: TEXT, attributesToRetrieve: TEXTS };
const SHOPPER = { userId: TEXT, sessionId: TEXT };

/** What each route takes; null counts as not said. */
export const FIELDS = {
  search: { q: TEXT, ...PAGE, facets: OBJECT, sortBy: OBJECT, ...SHOPPER },
  collections: { collectionName: TEXT, ...PAGE, facets: OBJECT, sortBy: OBJECT, ...SHOPPER },
  "recommendations/similar": { documentIds: TEXTS, ...PAGE, ...SHOPPER },
};

/**
 * A request in one form, whatever was left out of it; who asks is no part of it, so that shoppers share answers.
 *
 * @typedef {object} Asked
 * @property {{kind: "query" | "collection" | "similar", value: string}} place what rules are about
 * @property {string} q
 * @property {string[]} documentIds
 * @property {number} limit
 * @property {number} offset
 * @property {string} filter empty for none
 * @property {string[]} attributes
 * @property {object | null} facets null when nothing is said
 * @property {object | null} sortBy
 */

/**
 * @param {"search" | "collections" | "recommendations/similar"} route
 * @param {string} text the body
 * @returns {Asked}
 * @throws {ApiError} 400 for what is no JSON or no page, 422 for a field that is wrong
 */
export function readAsked(route, text) {
  const body = checked(parsed(text), FIELDS[route]);
  return {
    place: placeOf(route, body),
    q: body.q ?? "",
    documentIds: route === "recommendations/similar" ? idsOf(body) : [],
    ...pageOf(body),
    filter: filterOf(body),
    attributes: (body.attributesToRetrieve ?? DEFAULT_ATTRIBUTES).filter((name) => !OWN.has(name)),
    facets: body.facets ?? null,
    sortBy: body.sortBy ?? null,
  };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ApiError(400, "bad_request", `The body is not JSON: ${error.message}`);
  }
}

function checked(body, fields) {
  if (!isObject(body)) throw new ApiError(422, "unprocessable_entity", "The body must be a JSON object.");
  for (const [name, value] of Object.entries(body)) {
    if (!Object.hasOwn(fields, name)) {
      throw wrong(name, `Unknown field '${name}'. Known: ${Object.keys(fields).join(", ")}.`);
    }
    if (value !== null && !fields[name].has(value)) throw wrong(name, `Field '${name}' has a value of the wrong type.`);
  }
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
}

function placeOf(route, body) {
  if (route === "search") return { kind: "query", value: body.q ?? "" };
  if (route !== "collections") return { kind: "similar", value: "" };
  if (!body.collectionName) throw wrong("collectionName", "Field 'collectionName' must name a collection.");
  return { kind: "collection", value: body.collectionName };
}

function idsOf(body) {
  const count = body.documentIds?.length ?? 0;
  if (count < 1 || count > IDS_MAX) throw wrong("documentIds", `Field 'documentIds' must hold 1 to ${IDS_MAX} ids.`);
  return body.documentIds;
}

/** Held here and not by the cell, which sees other pages where a rule moves products. */
function pageOf({ limit = 10, offset = 0 }) {
  if (limit < 1 || limit > LIMIT_MAX || offset < 0 || limit + offset > WINDOW_MAX) {
    const bounds = `limit must be from 1 to ${LIMIT_MAX}, offset from 0, and both together at most ${WINDOW_MAX}`;
    throw new ApiError(400, "illegal_requested_doc_count", `${bounds}, not ${limit} and ${offset}.`);
  }
  return { limit, offset };
}

/** Brackets that do not match could reach out of the ones that are put around the filter, and show what is hidden. */
function filterOf({ filter = "" }) {
  let depth = 0;
  for (const [sign] of filter.matchAll(/\\.|[()]/gs)) {
    depth += { "(": 1, ")": -1 }[sign] ?? 0;
    if (depth < 0) break;
  }
  if (depth === 0) return filter.trim();
  const mend = "Write a backslash before one that is part of a value.";
  throw new ApiError(400, "invalid_argument", `Error parsing filter: its brackets do not match. ${mend}`, {
    at: ["filter"],
  });
}

function wrong(field, message) {
  return new ApiError(422, "unprocessable_entity", message, { at: [field] });
}
