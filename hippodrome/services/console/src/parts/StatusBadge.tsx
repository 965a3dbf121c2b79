// An index's state as a dot and a word.
import type { IndexStatus } from "../api/types";

const TONE: Record<IndexStatus, string> = {
  READY: "good",
  CREATING: "busy",
  MODIFYING: "busy",
  DELETING: "busy",
  DELETED: "off",
  FAILED: "bad",
};

export function StatusBadge({ status }: { status: IndexStatus }) {
  const word = status.charAt(0) + status.slice(1).toLowerCase();
  return <span className={`status ${TONE[status] ?? "off"}`}>{word}</span>;
}
