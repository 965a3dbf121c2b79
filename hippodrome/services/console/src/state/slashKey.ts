// `/` goes to the search box of the page.
import { useEffect } from "react";

export function useSlashKey(): void {
  useEffect(() => {
    addEventListener("keydown", focusSearch);
    return () => removeEventListener("keydown", focusSearch);
  }, []);
}

function focusSearch(event: KeyboardEvent): void {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
  const box = document.querySelector<HTMLInputElement>("[data-search-box]");
  if (box === null || document.querySelector("dialog[open]") !== null) return;
  event.preventDefault();
  box.focus();
  box.select();
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
}
