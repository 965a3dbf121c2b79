// What the console takes from its environment.

export interface Surroundings {
  readonly host: string;
  readonly port: number;
  readonly cacheDir: string | undefined;
  readonly controllerUrl: string;
  readonly cellUrl: string;
  /** Of a deployed cell. */
  readonly cellKey: string | null;
  readonly dashboardUrl: string | null;
  /** The shop's services; null where the stack has none. */
  readonly adminUrl: string | null;
  readonly searchUrl: string | null;
  readonly cognitoUrl: string | null;
  readonly cognitoClientId: string | null;
}

/** The settings of this run. Throws when PORT is no port or a URL is none. */
export function surroundings(env: NodeJS.ProcessEnv): Surroundings {
  return {
    host: env.HOST || "127.0.0.1",
    port: parsePort(env.PORT || "9008"),
    cacheDir: env.VITE_CACHE_DIR || undefined,
    controllerUrl: parseUrl("CONTROLLER_URL", env.CONTROLLER_URL || "http://localhost:9002"),
    cellUrl: parseUrl("CELL_URL", env.CELL_URL || "http://localhost:9001"),
    cellKey: env.CELL_API_KEY || null,
    dashboardUrl: optionalUrl("DASHBOARD_URL", env.DASHBOARD_URL),
    adminUrl: optionalUrl("ADMIN_SERVER_URL", env.ADMIN_SERVER_URL),
    searchUrl: optionalUrl("SEARCH_PROXY_URL", env.SEARCH_PROXY_URL),
    cognitoUrl: optionalUrl("COGNITO_URL", env.COGNITO_URL),
    cognitoClientId: env.COGNITO_CLIENT_ID || null,
  };
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    throw new Error(`PORT must be a number from 1 to 65535, not "${text}"`);
  }
  return port;
}

function optionalUrl(name: string, text: string | undefined): string | null {
  return text ? parseUrl(name, text) : null;
}

function parseUrl(name: string, text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new Error(`${name} must be an http or https URL, not "${text}"`);
  }
  return text.replace(/\/+$/, "");
}
