// The declared fields of a structured index, as text.
import { ApiError, isRecord } from "../../api/error";
import type { NewIndex } from "../../api/types";

export const STRUCTURED_EXAMPLE = JSON.stringify(
  {
    allFields: [
      { name: "title", type: "text", features: ["lexical_search"] },
      { name: "description", type: "text", features: ["lexical_search"] },
      { name: "price", type: "float", features: ["filter", "score_modifier"] },
    ],
    tensorFields: ["title", "description"],
  },
  null,
  2,
);

/** Throws ApiError when the text is not a JSON object. */
export function parseFields(text: string): Pick<NewIndex, "allFields" | "tensorFields"> {
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value as Pick<NewIndex, "allFields" | "tensorFields">;
  } catch (error) {
    throw notJson((error as SyntaxError).message);
  }
  throw notJson("it is not an object");
}

function notJson(why: string): ApiError {
  const message = `Write a JSON object with allFields and tensorFields: ${why}.`;
  return new ApiError({ message, code: "fields_not_json", status: 400, requestId: "", service: "console" });
}
