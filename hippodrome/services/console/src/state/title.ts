// The name of the page in its tab.
import { useEffect } from "react";

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Hippodrome`;
  }, [title]);
}
