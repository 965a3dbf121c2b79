// One request to a service of the stack, through the console's own origin.
import { credentials, renewSession } from "../state/session";
import { ApiError, parseError, type ServiceName } from "./error";

interface Call {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
}

export const fromController = <T>(path: string, call?: Call): Promise<T> => send<T>("controller", path, call);
export const fromCell = <T>(path: string, call?: Call): Promise<T> => send<T>("cell", path, call);
export const fromAdmin = <T>(path: string, call?: Call): Promise<T> =>
  send<T>("admin_server", `/api/v1${path}`, call);

/** The answer's JSON. Throws ApiError for every refusal, and for a console that is gone. */
async function send<T>(service: ServiceName, path: string, call: Call = {}): Promise<T> {
  const { body } = await answerOf<T>(service, path, call);
  return body;
}

export interface Answer<T> {
  readonly body: T;
  readonly headers: Headers;
}

/** The answer's JSON and its headers; `headers` takes the place of the credentials. Throws as `send`. */
export async function answerOf<T>(service: ServiceName, path: string, call: Call = {}): Promise<Answer<T>> {
  const requestId = newRequestId();
  const url = `/api/${service}${path}`;
  let response = await reach(url, requestId, call);
  if (response.status === 401 && call.headers === undefined && (await renewSession())) {
    response = await reach(url, requestId, call);
  }
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
  return { body: body as T, headers: response.headers };
}

async function reach(
  url: string,
  requestId: string,
  { method = "GET", body, signal, headers = credentials() }: Call,
): Promise<Response> {
  try {
    return await fetch(url, {
      method,
      headers: {
        ...headers,
        "x-request-id": requestId,
        ...(body === undefined || "content-type" in headers ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    const message = "The console itself does not answer. Is the stack still running?";
    throw new ApiError({ message, code: "console_unreachable", status: 0, requestId, service: "console" });
  }
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
