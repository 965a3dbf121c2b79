// Grey lines in the place of what is on its way, shown only when that takes a while.
import { useHeldFor } from "../state/after";

const PATIENCE_MS = 250;

export function Waiting({ lines = 3, what }: { lines?: number; what: string }) {
  const isLong = useHeldFor(true, PATIENCE_MS);
  if (!isLong) return null;
  return (
    <div className="waiting" role="status" aria-label={`Loading ${what}`}>
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} />
      ))}
    </div>
  );
}
