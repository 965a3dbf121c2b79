// The way from the page to the stack's services, and what the page is told when they are away.
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Plugin, ProxyOptions } from "vite";
import { answer, type ErrorBody } from "./json.ts";
import { write } from "./logger.ts";

const REQUEST_ID = "x-request-id";
const ANSWER_WITHIN_MS = 120_000;

/**
 * Proxy options by path: `/api/{service}/…` reaches `{url}/…`; a service without a URL has no path.
 * The key of a deployed cell takes the place of the person's own; no page sees it.
 */
export function backends(
  urls: Readonly<Record<string, string | null>>,
  { dashboardUrl, cellKey }: { dashboardUrl: string | null; cellKey: string | null },
): Record<string, ProxyOptions> {
  const there = Object.entries(urls).flatMap(([service, url]) => (url === null ? [] : [{ service, url }]));
  const options = there.map(({ service, url }) => {
    const headers = service === "cell" && cellKey ? { headers: { "x-api-key": cellKey } } : {};
    return [`/api/${service}`, { ...backend(service, url, dashboardUrl), ...headers }] as const;
  });
  return Object.fromEntries(options);
}

function backend(service: string, url: string, dashboardUrl: string | null): ProxyOptions {
  const prefix = new RegExp(`^/api/${service}`);
  const unreachable = complaint(service, url, dashboardUrl);
  return {
    target: url,
    changeOrigin: true,
    proxyTimeout: ANSWER_WITHIN_MS,
    rewrite: (path) => path.replace(prefix, ""),
    configure(proxy) {
      proxy.on("start", (request) => void (request.headers[REQUEST_ID] ??= randomUUID()));
      proxy.on("proxyRes", (incoming, request) => {
        incoming.headers[REQUEST_ID] ??= idOf(request);
        unreachable.over();
      });
      proxy.on("error", (error, request, response) => {
        if ("writeHead" in response) unreachable.tell(error, request, response);
      });
    },
  };
}

/** Says on the page each time, and in the log once, that a service is away. */
function complaint(service: string, url: string, link: string | null) {
  let isAway = false;
  return {
    over(): void {
      isAway = false;
    },
    tell(error: Error, request: IncomingMessage, response: ServerResponse): void {
      if (response.headersSent || response.writableEnded) {
        response.destroy();
        return;
      }
      const body = wording(service, url, error);
      if (!isAway) write("WARNING", `${body.message} reason=${codeOf(error)}`);
      isAway = true;
      response.setHeader(REQUEST_ID, idOf(request));
      answer(response, 502, { ...body, link });
    },
  };
}

function wording(service: string, url: string, error: Error): Omit<ErrorBody, "link"> {
  const isCut = codeOf(error) === "ECONNRESET";
  const what = isCut ? `broke off or took more than ${ANSWER_WITHIN_MS / 1000} s on` : "does not answer on";
  return { message: `The ${service} ${what} ${url}.`, code: `${service}_unreachable`, type: "internal" };
}

function codeOf(error: Error): string {
  return "code" in error ? String(error.code) : error.name;
}

function idOf(request: IncomingMessage): string {
  return String(request.headers[REQUEST_ID] ?? "");
}

/** Refuses what another site's page sends: the cell asks for no key, and reads JSON of any content type. */
export function sameOriginOnly(): Plugin {
  return {
    name: "console-same-origin",
    configureServer(server) {
      server.middlewares.use("/api", (request, response, next) => {
        const { origin, host } = request.headers;
        if (origin === undefined || (URL.canParse(origin) && new URL(origin).host === host)) return next();
        const message = `Requests from ${origin} are refused: only the console's own pages may call its API.`;
        return answer(response, 403, { message, code: "forbidden", type: "invalid_request", link: null });
      });
    },
  };
}
