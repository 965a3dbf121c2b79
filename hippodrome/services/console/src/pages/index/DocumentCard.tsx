// One document, folded to its name and first words.
import { useState } from "react";
import type { Document } from "../../api/types";
import { Icon } from "../../parts/Icon";
import { plainFields, textOf, titleField } from "./documentFields";

interface DocumentCardProps {
  readonly document: Document;
  readonly isOpen?: boolean;
  readonly onDelete: () => void;
}

export function DocumentCard({ document, isOpen = false, onDelete }: DocumentCardProps) {
  const id = String(document._id);
  const title = titleField(document);
  const rest = plainFields(document).filter(([field]) => field !== title);
  return (
    <article className="card document">
      <details open={isOpen}>
        <summary>
          <strong>{title ? String(document[title]) : id}</strong>
          <code>{id}</code>
          <span className="first-words">{rest.map(([, value]) => textOf(value)).join(" · ")}</span>
        </summary>
        <pre tabIndex={0}>{JSON.stringify(document, null, 2)}</pre>
      </details>
      <DeleteButton id={id} onDelete={onDelete} />
    </article>
  );
}

/** The second press deletes; leaving the button takes the first one back. */
function DeleteButton({ id, onDelete }: { id: string; onDelete: () => void }) {
  const [isAsking, setAsking] = useState(false);
  if (!isAsking) {
    return (
      <button
        type="button"
        className="icon-button danger"
        aria-label={`Delete document ${id}`}
        onClick={() => setAsking(true)}
      >
        <Icon name="trash" />
      </button>
    );
  }
  return (
    <button
      type="button"
      className="button danger"
      autoFocus
      onBlur={() => setAsking(false)}
      onClick={onDelete}
      onKeyDown={(event) => event.key === "Escape" && setAsking(false)}
    >
      Delete {id}?
    </button>
  );
}
