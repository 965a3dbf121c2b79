// Values that follow others in time: later, or not before the next is there.
import { useEffect, useRef, useState } from "react";

/** The last value that was there: what stays on the screen while the next is loaded. */
export function useLast<T>(value: T | undefined): T | undefined {
  const last = useRef<T>(undefined);
  if (value !== undefined) last.current = value;
  return last.current;
}

/** True once `isTrue` has held for `ms`: quick answers show no sign of waiting. */
export function useHeldFor(isTrue: boolean, ms: number): boolean {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (!isTrue) return setHeld(false);
    const timer = setTimeout(() => setHeld(true), ms);
    return () => clearTimeout(timer);
  }, [isTrue, ms]);
  return isTrue && held;
}
