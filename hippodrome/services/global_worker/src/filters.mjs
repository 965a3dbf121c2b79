// The cell's filter language, written; an empty text is no filter.

/** What passes all of them. */
export function all(...filters) {
  return filters.filter(Boolean).map((filter) => `(${filter})`).join(" AND ");
}

/** What passes any of them. */
export function any(...filters) {
  return filters.filter(Boolean).map((filter) => `(${filter})`).join(" OR ");
}

/** What does not pass it. */
export function not(filter) {
  return filter && `NOT (${filter})`;
}

/** What has this value in the field. */
export function is(field, value) {
  return `${field}:${bracketed(value)}`;
}

/** What has one of these values in the field; the cell has a term for many of ids alone. */
export function oneOf(field, values) {
  if (field !== "_id") return any(...values.map((value) => is(field, value)));
  return values.length ? `${field} IN (${values.map(bracketed).join(", ")})` : "";
}

function bracketed(value) {
  return `(${value.replace(/[\\()]/g, "\\$&")})`;
}
