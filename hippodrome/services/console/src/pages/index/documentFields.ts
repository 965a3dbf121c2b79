// Which fields of a document are shown, and which of them names it.
import type { Document } from "../../api/types";

const NAMING = ["title", "name", "productTitle", "product_title", "headline", "label", "subject"];

/** The field that best names the document, if it has such a one. */
export function titleField(document: Document): string | undefined {
  return NAMING.find((field) => typeof document[field] === "string" && document[field] !== "");
}

/** Fields that the person wrote, without those that Marqo adds. */
export function plainFields(document: Document): [string, unknown][] {
  return Object.entries(document).filter(([field]) => !field.startsWith("_"));
}

export function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The fields of these documents that hold texts, in the order in which they come up. */
export function textFields(documents: readonly Document[]): string[] {
  const found = documents.flatMap((document) =>
    plainFields(document)
      .filter(([, value]) => typeof value === "string")
      .map(([field]) => field),
  );
  return [...new Set(found)];
}
