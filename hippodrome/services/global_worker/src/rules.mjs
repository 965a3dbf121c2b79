// Merchandising: which rules act on what a shopper looks at, and what they make of the query and of the hits.
import { any, oneOf } from "./filters.mjs";

const DEFAULT_STRENGTH = 2;

/** The rules that act there now, in the order in which they are kept. */
export function acting(rules, place, now) {
  return rules.filter((rule) => rule.enabled !== false && isNow(rule, now) && isAbout(rule.scope, place));
}

function isNow({ startsAt, endsAt }, now) {
  return (!startsAt || Date.parse(startsAt) <= now) && (!endsAt || now < Date.parse(endsAt));
}

function isAbout(scope, place) {
  if (scope?.kind === "global") return true;
  if (scope?.kind !== place.kind) return false;
  const [said, wanted] = [normal(place.value), normal(scope.value ?? "")];
  return scope.match === "contains" ? holds(said, wanted) : said === wanted;
}

/** As people mean it: capitals and spaces do not count. */
function normal(text) {
  return text.normalize("NFC").toLowerCase().trim().split(/\s+/).join(" ");
}

/** Whether the words stand in the text, one after the other. */
function holds(text, words) {
  return words !== "" && ` ${text} `.includes(` ${words} `);
}

/** Where a shopper is sent, and the rule that does it: `{url, rule?}`, or null. Settings come before rules. */
export function redirectOf(settings, rules, place) {
  const said = place.kind === "query" ? normal(place.value) : null;
  const plain = settings.redirects.find(({ query }) => normal(query) === said);
  if (plain) return { url: plain.url };
  const rule = rules.find(({ type }) => type === "redirect");
  return rule ? { url: rule.url, rule } : null;
}

/** The query with the synonyms of its words after it. */
export function rewritten(q, synonyms) {
  const said = normal(q);
  const more = synonyms.filter((group) => group.some((word) => holds(said, normal(word)))).flat();
  return [q, ...new Set(more.filter((word) => !holds(said, normal(word))))].join(" ").trim();
}

/** A filter for all that is hidden. */
export function hiddenBy(rules) {
  return any(...rules.flatMap(({ documentIds = [], filter = "" }) => [oneOf("_id", documentIds), filter]));
}

/**
 * The hits that are pinned, each at a place of its own: the one that wants it first, others after it.
 *
 * @param {object[]} rules those that pin
 * @param {Map<string, object>} found hits by id; what is not among them takes no place
 * @returns {{position: number, hit: object, rule: object}[]} by position, which counts from 1
 */
export function placed(rules, found) {
  const wishes = rules.flatMap((rule) => rule.pins.map(({ id, position }) => ({ id, position, rule })));
  const first = new Map(wishes.toReversed().map((wish) => [wish.id, wish])); // of two for one product the first counts
  const pins = wishes.filter((wish) => first.get(wish.id) === wish && found.has(wish.id));
  let free = 1;
  return pins
    .sort((one, other) => one.position - other.position)
    .map(({ id, position, rule }) => {
      const taken = Math.max(position, free);
      free = taken + 1;
      return { position: taken, hit: found.get(id), rule };
    });
}

/** The hits with the pinned ones at their places; behind the last hit where there are too few before it. */
export function withPins(hits, pins) {
  const list = [];
  const waiting = [...pins];
  for (const hit of hits) {
    while (waiting[0]?.position === list.length + 1) list.push(waiting.shift().hit);
    list.push(hit);
  }
  return [...list, ...waiting.map(({ hit }) => hit)];
}

/**
 * The hits in their new order, with their new scores.
 *
 * @param {object[]} hits
 * @param {{rule: object, ids: Set<string>}[]} weights what each rule is about
 */
export function weighed(hits, weights) {
  return hits
    .map((hit) => ({ ...hit, _score: weights.reduce((score, weight) => score * factor(weight, hit), hit._score) }))
    .sort((one, other) => other._score - one._score); // stable: equals stay in the cell's order
}

function factor({ rule, ids }, hit) {
  if (!ids.has(hit._id)) return 1;
  const strength = rule.strength ?? DEFAULT_STRENGTH;
  return rule.type === "boost" ? strength : 1 / strength;
}
