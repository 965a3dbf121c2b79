// What went wrong with a request, in the words of the service that said so.

export type ServiceName = "controller" | "cell" | "admin_server" | "search_proxy" | "cognito" | "console";

interface ErrorFacts {
  readonly message: string;
  readonly code: string;
  readonly status: number;
  readonly requestId: string;
  readonly service: ServiceName;
  /** Names of the request's fields that were refused, when the service says so. */
  readonly fields?: readonly string[];
}

export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  readonly requestId: string;
  readonly service: ServiceName;
  readonly fields: readonly string[];

  constructor(facts: ErrorFacts) {
    super(facts.message);
    this.name = "ApiError";
    this.code = facts.code;
    this.status = facts.status;
    this.requestId = facts.requestId;
    this.service = facts.service;
    this.fields = facts.fields ?? [];
  }

  get isUnreachable(): boolean {
    return this.code.endsWith("_unreachable");
  }

  get isRefusedKey(): boolean {
    return this.status === 401 || this.status === 403;
  }
}

interface Detail {
  readonly loc?: readonly (string | number)[];
  readonly msg: string;
}

/** From a refused answer: Marqo's `{message, code}`, Cognito's `{message, __type}`, or a list of `{loc, msg}`. */
export function parseError(body: unknown, facts: Omit<ErrorFacts, "message" | "code">): ApiError {
  const { message, code, __type, detail } = isRecord(body) ? body : {};
  const details = parseDetails(detail) ?? parseDetails(message) ?? [];
  return new ApiError({
    ...facts,
    message: details.map(sentence).join(" ") || text(message) || text(detail) || `HTTP ${facts.status}`,
    code: text(code) || text(__type) || `http_${facts.status}`,
    fields: details.flatMap((one) => (one.loc ?? []).map(String)),
  });
}

function parseDetails(value: unknown): Detail[] | null {
  const list: unknown = typeof value === "string" && value.startsWith("[") ? parseJson(value) : value;
  if (!Array.isArray(list)) return null;
  return list.filter((one): one is Detail => isRecord(one) && typeof one.msg === "string");
}

function sentence({ loc, msg }: Detail): string {
  const place = (loc ?? []).filter((part) => part !== "body" && part !== "__root__").join(".");
  return place ? `${place}: ${msg}.` : `${msg}.`;
}

function parseJson(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return null;
  }
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
