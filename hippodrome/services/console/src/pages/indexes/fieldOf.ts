// Which field of the form an error of the API speaks of.
import type { ApiError } from "../../api/error";

const NAME_CODES = new Set(["index_already_exists", "invalid_index_name"]);
const FIELD_WORDS = /allFields|tensorFields|field name|features/i;

/** Null when the error is about none of them, and belongs at the top. */
export function fieldOf(error: ApiError): "name" | "model" | "fields" | null {
  if (error.isUnreachable || error.isRefusedKey || error.status >= 500) return null;
  if (NAME_CODES.has(error.code) || error.fields.includes("indexName") || /index ?name/i.test(error.message))
    return "name";
  if (error.code === "fields_not_json" || error.fields.some((one) => FIELD_WORDS.test(one))) return "fields";
  if (FIELD_WORDS.test(error.message)) return "fields";
  if (error.fields.includes("model") || /\bmodel\b/i.test(error.message)) return "model";
  return null;
}
