// Who uses the console: someone who has signed in, or else whoever has the API key.
import { renewTokens, revoke, type Tokens } from "../api/cognito";
import { apiKey } from "./apiKey";
import { stored, useStored } from "./stored";

const kept = stored("hippodrome.session", "");

interface Session {
  readonly idToken: string;
  readonly refreshToken: string;
}

/** What an ID token says of its user. */
export interface Person {
  readonly email: string;
  readonly account: string;
}

/** Who has signed in; null for nobody. */
export function usePerson(): Person | null {
  useStored(kept);
  const session = read();
  return session && claimsOf(session.idToken);
}

export function credentials(): Readonly<Record<string, string>> {
  const session = read();
  return session ? { authorization: `Bearer ${session.idToken}` } : { "x-api-key": apiKey.get() };
}

export function signedIn({ IdToken, RefreshToken }: Tokens): void {
  const refreshToken = RefreshToken ?? read()?.refreshToken ?? "";
  kept.set(JSON.stringify({ idToken: IdToken, refreshToken } satisfies Session));
}

/** The refresh token is of no use afterwards, also to who has copied it. */
export async function signOut(): Promise<void> {
  const session = read();
  kept.set("");
  if (session) await revoke(session.refreshToken).catch(() => undefined);
}

let renewal: Promise<boolean> | undefined;

/** Whether there is a fresh ID token now. One that cannot be renewed ends the session. */
export function renewSession(): Promise<boolean> {
  renewal ??= renewed().finally(() => {
    renewal = undefined;
  });
  return renewal;
}

async function renewed(): Promise<boolean> {
  const session = read();
  if (session === null) return false;
  try {
    signedIn(await renewTokens(session.refreshToken));
    return true;
  } catch {
    kept.set("");
    return false;
  }
}

function read(): Session | null {
  try {
    return JSON.parse(kept.get()) as Session;
  } catch {
    return null;
  }
}

function claimsOf(token: string): Person {
  const [, payload = ""] = token.split(".");
  const bytes = Uint8Array.from(atob(payload.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));
  const claims = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, string>;
  return { email: claims.email ?? claims["cognito:username"] ?? "", account: claims["custom:account"] ?? "" };
}
