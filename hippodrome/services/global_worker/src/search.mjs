// A search: redirect, synonyms, what the cell finds, and then what merchants want of it: hide, pin, boost and bury.
import { ApiError } from "./errors.mjs";
import { all, is, not, oneOf } from "./filters.mjs";
import { hiddenBy, placed, redirectOf, rewritten, weighed, withPins } from "./rules.mjs";

const GROUP = "parentProductId"; // the variants of one product share it
const REACH = 10_000; // as far as pages go: so many are sorted, so that all pages are of one order
const WEIGHED = 1000; // hits that boosting and burying put in a new order; those behind them stay as they are

/**
 * @typedef {object} Scene what a request is answered from
 * @property {import("./asked.mjs").Asked} asked
 * @property {object} settings of the index, complete
 * @property {object[]} rules that act here
 * @property {import("./cell.mjs").Cell} cell
 */

/**
 * The answer, and the rules that had a part in it.
 *
 * Pages fit together: what stands where depends on query, settings and rules, never on limit and offset.
 *
 * @param {Scene} scene
 * @returns {Promise<{answer: object, applied: object[]}>}
 */
export async function search(scene) {
  const { asked, settings } = scene;
  const rules = Object.groupBy(scene.rules, ({ type }) => type);
  const redirect = redirectOf(settings, scene.rules, asked.place);
  const query = queryOf(scene, rules.hide ?? []);
  const pins = await pinned(scene, query, rules.pin ?? []);
  const weights = query.sortBy ? [] : [...(rules.boost ?? []), ...(rules.bury ?? [])];
  const page = pins.length || weights.length ? arranged : plain;
  const { weighing = [], ...found } = await page(scene, query, { pins, weights });
  return {
    answer: answerOf(asked, found, redirect),
    applied: [redirect?.rule, ...(rules.hide ?? []), ...pins.map(({ rule }) => rule), ...weighing].filter(Boolean),
  };
}

/** What the cell is asked, but for the page. */
function queryOf({ asked, settings }, hides) {
  const { place } = asked;
  const inCollection = place.kind === "collection" && is("productCollections", place.value);
  const searched = Object.keys(settings.searchableFields).filter((name) => settings.searchableFields[name] > 0);
  const order = asked.sortBy ?? (settings.defaultSort?.length ? { fields: settings.defaultSort } : null);
  const facets = asked.facets ?? (Object.keys(settings.facets).length ? { fields: settings.facets } : null);
  return {
    q: rewritten(asked.q, settings.synonyms) || "*",
    searchMethod: "HYBRID",
    filter: all(asked.filter, inCollection, not(hiddenBy(hides))) || null,
    attributesToRetrieve: asked.attributes,
    sortBy: order && { ...order, minSortCandidates: REACH },
    facets: facets?.fields ? facets : null,
    trackTotalHits: true,
    collapseFields: settings.collapse ? [{ name: GROUP }] : null,
    hybridParameters: searched.length ? { searchableAttributesLexical: searched } : null,
  };
}

/** Pins of products that are there and pass the filter. */
async function pinned({ cell, asked }, query, rules) {
  const ids = [...new Set(rules.flatMap(({ pins }) => pins.map(({ id }) => id)))];
  if (!ids.length) return [];
  const { hits } = await cell.first(ids.length, {
    q: "*",
    searchMethod: "LEXICAL",
    filter: all(query.filter, oneOf("_id", ids)),
    attributesToRetrieve: [...asked.attributes, GROUP],
  });
  return placed(rules, new Map(hits.map((hit) => [hit._id, hit])));
}

/** The cell's own page, where no rule moves a product. */
async function plain({ asked, cell }, query) {
  return cell.search({ ...query, limit: asked.limit, offset: asked.offset });
}

/** The page, out of the whole list up to its end. */
async function arranged({ asked, cell }, query, { pins, weights }) {
  const others = { ...query, filter: all(query.filter, not(besides(pins, query))) || null, facets: null };
  const end = asked.offset + asked.limit;
  const [found, facets, weighing] = await Promise.all([
    cell.first(weights.length ? Math.max(end, WEIGHED) : end, others),
    query.facets && cell.search({ ...query, limit: 1 }).then((answer) => answer.facets),
    Promise.all(weights.map((rule) => aboutWhich(cell, others, rule))),
  ]);
  const front = found.hits.slice(0, WEIGHED);
  const hits = weights.length ? [...weighed(front, weighing), ...found.hits.slice(WEIGHED)] : found.hits;
  const list = withPins(hits, pins.map((pin) => ({ ...pin, hit: shown(pin.hit, asked) })));
  return {
    hits: list.slice(asked.offset, end),
    totalHits: found.totalHits + pins.length,
    ...(facets && { facets }),
    weighing: weighing.filter(({ ids }) => front.some((hit) => ids.has(hit._id))).map(({ rule }) => rule),
  };
}

/** What stands in the list already: the pinned, and other variants of them where each product comes once. */
function besides(pins, { collapseFields }) {
  const groups = new Set(pins.map(({ hit }) => hit[GROUP]).filter(Boolean));
  const ids = oneOf("_id", pins.map(({ hit }) => hit._id));
  return collapseFields && groups.size ? `${ids} OR ${oneOf(GROUP, [...groups])}` : ids;
}

/** The hits that a rule is about, among those that it can move. */
async function aboutWhich(cell, query, rule) {
  const ids = new Set(rule.documentIds ?? []);
  if (rule.filter) {
    const one = { ...query, filter: all(query.filter, rule.filter), attributesToRetrieve: [], collapseFields: null };
    const { hits } = await cell.search({ ...one, limit: WEIGHED });
    hits.forEach((hit) => ids.add(hit._id));
  }
  return { rule, ids };
}

function shown(hit, { attributes }) {
  const { [GROUP]: group, ...rest } = hit;
  return attributes.includes(GROUP) ? hit : rest;
}

/**
 * Products that are like these, found by their titles; of the products themselves no variant.
 *
 * @param {Scene} scene
 * @throws {ApiError} 404 when none of them is there
 */
export async function similar({ asked, settings, rules, cell }) {
  const hides = rules.filter(({ type }) => type === "hide");
  const inputs = await cell.first(asked.documentIds.length, {
    q: "*",
    searchMethod: "LEXICAL",
    filter: oneOf("_id", asked.documentIds),
    attributesToRetrieve: ["productTitle", GROUP],
  });
  if (!inputs.hits.length) {
    throw new ApiError(404, "document_not_found", `There is no product ${asked.documentIds.join(", ")}.`);
  }
  const query = queryOf({ asked: { ...asked, q: titles(inputs.hits), facets: {} }, settings }, hides);
  const inputsAndVariants = besides(inputs.hits.map((hit) => ({ hit })), { collapseFields: true });
  const filter = all(query.filter, not(inputsAndVariants));
  const found = await cell.search({ ...query, filter, sortBy: null, limit: asked.limit, offset: asked.offset });
  return { answer: answerOf(asked, found, null), applied: hides };
}

function titles(hits) {
  return [...new Set(hits.map((hit) => hit.productTitle).filter(Boolean))].join(" ");
}

function answerOf({ place, limit, offset }, { hits, totalHits, facets }, redirect) {
  return {
    hits,
    query: place.value,
    limit,
    offset,
    ...(totalHits !== undefined && { totalHits }),
    ...(facets && { facets }),
    ...(redirect && { redirect: redirect.url }),
  };
}
