// Short messages about what was done; each goes after a while.
import { useSyncExternalStore } from "react";

export interface Notice {
  readonly id: number;
  readonly kind: "done" | "failed";
  readonly text: string;
}

const SHOWN_MS = 6_000;
let shown: readonly Notice[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

export function notify(kind: Notice["kind"], text: string): void {
  const notice = { id: ++lastId, kind, text };
  show([...shown.slice(-2), notice]);
  setTimeout(() => dismiss(notice.id), SHOWN_MS);
}

export function dismiss(id: number): void {
  show(shown.filter((notice) => notice.id !== id));
}

export function useNotices(): readonly Notice[] {
  return useSyncExternalStore(subscribe, () => shown);
}

function show(next: readonly Notice[]): void {
  shown = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
