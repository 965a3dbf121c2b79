// The request to open the API key's dialog, from wherever a key was refused.

const OPEN = "hippodrome:open-key";

export function openKeyDialog(): void {
  dispatchEvent(new Event(OPEN));
}

export function onOpenKeyDialog(listener: () => void): () => void {
  addEventListener(OPEN, listener);
  return () => removeEventListener(OPEN, listener);
}
