// Settings as texts that a person writes, a line for each part.
import type { ShopSettings, Sort } from "../../api/shopTypes";

export interface SettingsDraft {
  readonly searchableFields: string;
  readonly facets: string;
  readonly defaultSort: string;
  readonly collapse: boolean;
  readonly synonyms: string;
  readonly redirects: string;
}

export function draftOfSettings(settings: ShopSettings): SettingsDraft {
  return {
    searchableFields: lines(Object.entries(settings.searchableFields).map(([name, weight]) => `${name} ${weight}`)),
    facets: lines(Object.entries(settings.facets).map(([name, facet]) => `${name} ${JSON.stringify(facet)}`)),
    defaultSort: lines((settings.defaultSort ?? []).map(({ fieldName, order }) => `${fieldName} ${order}`)),
    collapse: settings.collapse,
    synonyms: lines(settings.synonyms.map((group) => group.join(", "))),
    redirects: lines(settings.redirects.map(({ query, url }) => `${query} => ${url}`)),
  };
}

/** Throws Error for a line that cannot be read; what its values mean the back office judges. */
export function settingsOf(draft: SettingsDraft): Partial<ShopSettings> {
  const sort = parsed(draft.defaultSort, /^(\S+)\s+(asc|desc)$/, "a field, then asc or desc");
  return {
    searchableFields: Object.fromEntries(
      parsed(draft.searchableFields, /^(\S+)\s+([\d.]+)$/, "a field, then its weight").map(
        ([field = "", weight]) => [field, Number(weight)],
      ),
    ),
    facets: Object.fromEntries(
      parsed(draft.facets, /^(\S+)\s+(\{.*\})$/, 'a field, then what the facet is, like {"type": "string"}').map(
        ([field = "", facet = ""]) => [field, json(facet)],
      ),
    ),
    defaultSort: sort.length > 0 ? sort.map(([fieldName = "", order]) => ({ fieldName, order: order as Sort["order"] })) : null,
    collapse: draft.collapse,
    synonyms: parsed(draft.synonyms, /^(.+)$/, "words").map(([group = ""]) => group.split(",").map((word) => word.trim())),
    redirects: parsed(draft.redirects, /^(.+?)\s*=>\s*(\S+)$/, "a query => where to").map(
      ([query = "", url = ""]) => ({ query, url }),
    ),
  };
}

function lines(parts: readonly string[]): string {
  return parts.join("\n");
}

function parsed(text: string, form: RegExp, wanted: string): string[][] {
  const written = text.split("\n").map((line) => line.trim());
  return written.filter(Boolean).map((line) => {
    const match = form.exec(line);
    if (match === null) throw new Error(`“${line}”: each line has ${wanted}.`);
    return match.slice(1);
  });
}

function json(text: string): object {
  try {
    return JSON.parse(text) as object;
  } catch {
    throw new Error(`“${text}” is no JSON.`);
  }
}
