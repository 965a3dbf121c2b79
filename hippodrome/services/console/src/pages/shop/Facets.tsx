// Facets: the values that narrow a search down, with how many products have them.
import type { FacetCounts } from "../../api/shopTypes";
import { go } from "../../state/route";
import { type Choice, SHELF, type ShopRoute, shopPath } from "../../state/shopRoute";

interface FacetsProps {
  readonly route: ShopRoute;
  readonly facets: Readonly<Record<string, FacetCounts>>;
}

const SHOWN = 8;

export function Facets({ route, facets }: FacetsProps) {
  const isWide = matchMedia("(min-width: 52rem)").matches;
  return (
    <aside aria-label="Facets">
      <details className="facets" open={isWide || route.choices.length > 0}>
        <summary>Narrow down</summary>
        {Object.entries(facets).map(([field, counts]) => (
          <Facet key={field} field={field} counts={counts} route={route} />
        ))}
      </details>
    </aside>
  );
}

function Facet({ field, counts, route }: { field: string; counts: FacetCounts; route: ShopRoute }) {
  const offered = Object.entries(counts)
    .filter(([, { count }]) => count !== undefined)
    .map(([value, { count = 0 }]) => ({ value: choiceValue(value), count }));
  const chosen = route.choices.filter((choice) => choice.field === field);
  const gone = chosen.filter(({ value }) => !offered.some((one) => one.value === value));
  const all = [...gone.map(({ value }) => ({ value, count: 0 })), ...offered];
  if (all.length === 0) return null;
  return (
    <fieldset>
      <legend>{wordsOf(field)}</legend>
      {all.slice(0, SHOWN).map((one) => (
        <Option key={one.value} field={field} {...one} route={route} />
      ))}
      {all.length > SHOWN && (
        <details>
          <summary>{all.length - SHOWN} more</summary>
          {all.slice(SHOWN).map((one) => (
            <Option key={one.value} field={field} {...one} route={route} />
          ))}
        </details>
      )}
    </fieldset>
  );
}

function Option({ field, value, count, route }: Choice & { count: number; route: ShopRoute }) {
  const isThis = (choice: Choice) => choice.field === field && choice.value === value;
  const isChosen = route.choices.some(isThis);
  const toggle = () => {
    const choices = isChosen
      ? route.choices.filter((choice) => !isThis(choice))
      : [...route.choices, { field, value }];
    go(shopPath(route.name, { ...route, choices, limit: SHELF }));
  };
  return (
    <label>
      <input type="checkbox" checked={isChosen} onChange={toggle} />
      <span>{labelOf(value)}</span>
      <small>{count}</small>
    </label>
  );
}

/** The cell names a range `from:to`, with `Inf` for an open end; a filter has `[from TO to]`. */
function choiceValue(name: string): string {
  const range = /^(-?[\d.]+|-Inf):(-?[\d.]+|Inf)$/.exec(name);
  if (range === null) return name;
  const [, from = "", to = ""] = range;
  return `[${from === "-Inf" ? "*" : Number(from)} TO ${to === "Inf" ? "*" : Number(to)}]`;
}

function labelOf(value: string): string {
  const range = /^\[(.*) TO (.*)\]$/.exec(value);
  if (range === null) return value;
  const [, from, to] = range;
  if (from === "*") return `up to ${to}`;
  return to === "*" ? `${from} and more` : `${from} to ${to}`;
}

/** `productType` as people write it. */
function wordsOf(field: string): string {
  return field.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
}
