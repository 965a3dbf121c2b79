// The worker's description of itself.
import { FIELDS } from "./asked.mjs";

/** An OpenAPI document. */
export function described(version) {
  const paths = Object.fromEntries(
    Object.entries(FIELDS).map(([what, fields]) => [`/indexes/{index}/${what}`, { post: shopping(fields) }]),
  );
  const value = { "text/plain": { schema: { type: "string" } } };
  paths["/health"] = { get: { responses: RESPONSES } };
  paths["/__local/kv/{key}"] = {
    get: { parameters: [inPath("key")], responses: RESPONSES },
    put: { parameters: [inPath("key")], requestBody: { content: value }, responses: RESPONSES },
    delete: { parameters: [inPath("key")], responses: RESPONSES },
  };
  return { openapi: "3.1.0", info: { title: "global_worker", version }, paths };
}

const RESPONSES = { 200: { description: "As asked." }, "4XX": { description: "A mistake, in Marqo's form." } };

function shopping(fields) {
  const properties = Object.fromEntries(Object.entries(fields).map(([name, { schema }]) => [name, schema]));
  const schema = { type: "object", properties, additionalProperties: false };
  return {
    parameters: [inPath("index")],
    requestBody: { required: true, content: { "application/json": { schema } } },
    responses: RESPONSES,
  };
}

function inPath(name) {
  return { name, in: "path", required: true, schema: { type: "string", minLength: 1 } };
}
