// Answers kept by key: shown at once when asked for again, and renewed behind that.
import { useCallback, useEffect, useState, useSyncExternalStore } from "react";
import type { ApiError } from "../api/error";

export interface Resource<T> {
  readonly value: T | undefined;
  readonly error: ApiError | undefined;
  /** Whether what is shown is being renewed. */
  readonly isLoading: boolean;
}

export type Loader<T> = (signal: AbortSignal) => Promise<T>;

const NOTHING: Resource<never> = { value: undefined, error: undefined, isLoading: true };
const RETRY_MS = 3_000;
const KEEP_AT_MOST = 300;

const kept = new Map<string, Resource<unknown>>();
const listeners = new Set<() => void>();

function keep(key: string, resource: Resource<unknown>): void {
  kept.delete(key);
  kept.set(key, resource);
  const [oldest] = kept.keys();
  if (kept.size > KEEP_AT_MOST && oldest !== undefined) kept.delete(oldest);
  for (const listener of listeners) listener();
}

type Change = (value: unknown) => unknown;
const expected = new Map<string, readonly Change[]>();

/**
 * Changes what is shown for `key` before the service has agreed; the function it returns is told whether it has.
 * Until then the change also holds for what is loaded: an answer may be older than the wish.
 */
export function expect<T>(key: string, change: (value: T) => T): (hasAgreed: boolean) => void {
  const before = kept.get(key);
  const one: Change = (value) => change(value as T);
  expected.set(key, [...(expected.get(key) ?? []), one]);
  if (before?.value !== undefined) keep(key, { ...before, value: one(before.value) });
  return (hasAgreed) => {
    expected.set(
      key,
      (expected.get(key) ?? []).filter((other) => other !== one),
    );
    if (!hasAgreed && before) keep(key, before);
    renew(key);
  };
}

function asExpected<T>(key: string, value: T): T {
  return (expected.get(key) ?? []).reduce((found, change) => change(found), value as unknown) as T;
}

/** Has everything whose key begins with `prefix` loaded anew by who shows it. */
export function renew(prefix: string): void {
  for (const key of kept.keys()) if (key.startsWith(prefix)) stale.dispatchEvent(new Event(key));
}
const stale = new EventTarget();

/** What `load` answers, under `key`; asks again every `everyMs`, and by itself when the service was away. */
export function useResource<T>(key: string, load: Loader<T>, { everyMs = 0 } = {}): Resource<T> {
  const resource = useSyncExternalStore(subscribe, () => (kept.get(key) ?? NOTHING) as Resource<T>);
  const round = useRounds(key, everyMs || (resource.error?.isUnreachable ? RETRY_MS : 0));
  const ask = useCallback(load, [key]);

  useEffect(() => {
    const control = new AbortController();
    const before = kept.get(key) ?? NOTHING;
    keep(key, { ...before, isLoading: true });
    ask(control.signal).then(
      (value) => control.signal.aborted || keep(key, { value: asExpected(key, value), error: undefined, isLoading: false }),
      (error: ApiError) =>
        control.signal.aborted || keep(key, { value: before.value, error, isLoading: false }),
    );
    return () => control.abort();
  }, [key, ask, round]);
  return resource;
}

/** A number that grows when `key` is stale, and every `everyMs` while the page is looked at (0: never). */
function useRounds(key: string, everyMs: number): number {
  const [round, setRound] = useState(0);
  useEffect(() => {
    const next = () => setRound((last) => last + 1);
    stale.addEventListener(key, next);
    const timer = everyMs > 0 ? setInterval(() => document.hidden || next(), everyMs) : undefined;
    return () => {
      stale.removeEventListener(key, next);
      clearInterval(timer);
    };
  }, [key, everyMs]);
  return round;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
