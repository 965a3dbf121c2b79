// Documents as a person writes them: JSON text to values, and an example to begin with.
import { isRecord } from "../../api/error";
import type { Document, FieldSetting, IndexSettings } from "../../api/types";

export interface Parsed {
  readonly documents: readonly Document[];
  /** What is wrong with the text, as a sentence; null when nothing is. */
  readonly problem: string | null;
}

/** One document or a list of them. What each holds is for Marqo to judge. */
export function parseDocuments(text: string): Parsed {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { documents: [], problem: `This is not JSON yet: ${(error as SyntaxError).message}.` };
  }
  const list = Array.isArray(value) ? value : [value];
  const wrong = list.findIndex((one) => !isRecord(one));
  if (wrong >= 0)
    return { documents: [], problem: `Item ${wrong + 1} is not a document: write { "field": "value" }.` };
  if (list.length === 0) return { documents: [], problem: "The list is empty: write at least one document." };
  return { documents: list, problem: null };
}

const EXAMPLE: readonly Document[] = [
  {
    _id: "blue-kettle",
    title: "Blue enamel kettle",
    description: "A two-litre kettle for gas and induction.",
    price: 38,
  },
  {
    _id: "linen-shirt",
    title: "Linen shirt",
    description: "A loose, cool shirt for hot summer days.",
    price: 64,
  },
];

const VALUES: Readonly<Record<string, unknown>> = {
  text: "Some text",
  bool: true,
  "array<text>": ["one", "two"],
};

/** Documents that this index takes as they stand. */
export function exampleFor(settings: IndexSettings | undefined): string {
  const declared = settings?.type === "structured" ? (settings.allFields ?? []) : null;
  return JSON.stringify(declared === null ? EXAMPLE : [fromFields(declared)], null, 2);
}

function fromFields(fields: readonly FieldSetting[]): Document {
  const known = fields.filter(({ type }) => type in VALUES || /^(int|long|float|double)$/.test(type));
  return {
    _id: "example-1",
    ...Object.fromEntries(known.map(({ name, type }) => [name, VALUES[type] ?? 1])),
  };
}
