// DynamoDB's JSON as people read it, and what differs between two images of an item.

const isText = (value) => typeof value === "string";
const isBoolean = (value) => typeof value === "boolean";
const KINDS = new Map(Object.entries({ S: ["text", isText], N: ["number", isText], B: ["base64", isText],
  BOOL: ["boolean", isBoolean], NULL: ["null", isBoolean], M: ["map", isMap], L: ["list", Array.isArray],
  SS: ["texts", Array.isArray], NS: ["numbers", Array.isArray], BS: ["base64", Array.isArray] }));

// `{ attribute, before, after, isChanged }` of every attribute, those that differ first; undefined where there is none.
export function differences(before, after) {
  const rows = [];
  compareMaps("", isMap(before) ? before : {}, isMap(after) ? after : {}, rows);
  return [...rows.filter((row) => row.isChanged), ...rows.filter((row) => !row.isChanged)];
}

export function isMap(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function compareMaps(above, before, after, rows) {
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    compare(above + name, own(before, name), own(after, name), rows);
  }
}

function own(map, name) {
  return Object.hasOwn(map, name) ? map[name] : undefined;
}

function compare(attribute, before, after, rows) {
  const [old, now] = [typed(before), typed(after)];
  const isBoth = old?.kind === now?.kind;
  if (isBoth && old.kind === "M") {
    compareMaps(`${attribute}.`, old.value, now.value, rows);
  } else if (isBoth && old.kind === "L" && old.value.length === now.value.length && old.value.length) {
    old.value.forEach((each, index) => compare(`${attribute}[${index}]`, each, now.value[index], rows));
  } else {
    const isOther = Boolean(old && now) && !isBoth; // the same digits may be a text and a number
    const words = (given) => given && (isOther ? `${shown(given)} (${KINDS.get(given.kind)?.[0] ?? "JSON"})` : shown(given));
    const isChanged = JSON.stringify(before) !== JSON.stringify(after);
    rows.push({ attribute, before: words(old), after: words(now), isChanged });
  }
}

// What is no value of DynamoDB's is taken as the JSON that it is.
function typed(given) {
  if (given === undefined) return undefined;
  const [kind, ...others] = isMap(given) ? Object.keys(given) : [];
  const isFit = kind && !others.length && KINDS.get(kind)?.[1](given[kind]);
  return isFit ? { kind, value: given[kind] } : { kind: "", value: given };
}

function shown(given) {
  const value = plain(given);
  return isText(value) ? value : JSON.stringify(value, null, 2);
}

function plain({ kind, value }) {
  if (kind === "M") return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(typed(each))]));
  if (kind === "L") return value.map((each) => plain(typed(each)));
  if (kind === "N") return String(Number(value)) === value ? Number(value) : value; // its digits, however many
  return kind === "NULL" ? null : value;
}
