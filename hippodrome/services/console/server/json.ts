// JSON answers of the dev server itself.
import type { ServerResponse } from "node:http";

/** The body of every error, as Marqo words it. */
export interface ErrorBody {
  readonly message: string;
  readonly code: string;
  readonly type: "internal" | "invalid_request";
  readonly link: string | null;
}

export function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(JSON.stringify(body));
}
