// One request to controller or cell, through the console's own origin.
import { apiKey } from "../state/apiKey";
import { ApiError, parseError, type ServiceName } from "./error";

interface Call {
  readonly method?: "GET" | "POST" | "DELETE";
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

export const fromController = <T>(path: string, call?: Call): Promise<T> => send<T>("controller", path, call);
export const fromCell = <T>(path: string, call?: Call): Promise<T> => send<T>("cell", path, call);

/** The answer's JSON. Throws ApiError for every refusal, and for a console that is gone. */
async function send<T>(service: ServiceName, path: string, call: Call = {}): Promise<T> {
  const requestId = newRequestId();
  const response = await reach(`/api/${service}${path}`, requestId, call);
  const facts = {
    service,
    status: response.status,
    requestId: response.headers.get("x-request-id") ?? requestId,
  };
  const body = await readJson(response);
  if (!response.ok) throw parseError(body, facts);
  if (body === undefined) {
    throw new ApiError({
      ...facts,
      message: `The ${service} answered with something that is no JSON.`,
      code: "not_json",
    });
  }
  return body as T;
}

async function reach(
  url: string,
  requestId: string,
  { method = "GET", body, signal }: Call,
): Promise<Response> {
  try {
    return await fetch(url, {
      method,
      headers: headers(requestId, body !== undefined),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    const message = "The console itself does not answer. Is the stack still running?";
    throw new ApiError({ message, code: "console_unreachable", status: 0, requestId, service: "console" });
  }
}

function headers(requestId: string, hasBody: boolean): HeadersInit {
  return {
    "x-api-key": apiKey.get(),
    "x-request-id": requestId,
    ...(hasBody ? { "content-type": "application/json" } : {}),
  };
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return undefined;
  }
}

function newRequestId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
