// Values kept in the browser, and shared by every part of the page that shows them.
import { useSyncExternalStore } from "react";

export interface Stored {
  get(): string;
  set(value: string): void;
  onChange(listener: () => void): () => void;
}

/** A value under `key` in localStorage, or in memory alone where the browser forbids that. */
export function stored(key: string, initial: string): Stored {
  let value = read(key) ?? initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      value = next || initial;
      write(key, value);
      for (const listener of listeners) listener();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function useStored(store: Stored): string {
  return useSyncExternalStore(store.onChange, store.get);
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // A browser that keeps nothing still works until the page is left.
  }
}
