// The question before an index goes, with all that is in it.
import { type FormEvent, useId, useState } from "react";
import { deleteIndex } from "../../api/indexes";
import type { ApiError } from "../../api/error";
import type { IndexSummary } from "../../api/types";
import { Dialog } from "../../parts/Dialog";
import { keys } from "../../state/keys";
import { notify } from "../../state/notices";
import { expect } from "../../state/resource";
import { go } from "../../state/route";

export function DeleteDialog({ name, onClose }: { name: string; onClose: () => void }) {
  const [typed, setTyped] = useState("");
  const id = useId();
  const confirm = (event: FormEvent) => {
    event.preventDefault();
    if (typed !== name) return;
    onClose();
    go("/");
    void remove(name);
  };
  return (
    <Dialog title={`Delete ${name}?`} onClose={onClose}>
      <form onSubmit={confirm} className="stack">
        <p>The index and all its documents go. This cannot be undone.</p>
        <div className="field">
          <label htmlFor={id}>
            Type <strong className="mono">{name}</strong> to confirm
          </label>
          <input
            id={id}
            data-first
            className="mono"
            autoComplete="off"
            spellCheck={false}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        </div>
        <footer className="dialog-foot">
          <button type="button" className="button" onClick={onClose}>
            Keep it
          </button>
          <button type="submit" className="button danger" disabled={typed !== name}>
            Delete index
          </button>
        </footer>
      </form>
    </Dialog>
  );
}

/** Takes the row away at once, and brings it back when the API refuses. */
async function remove(name: string): Promise<void> {
  const settle = expect<readonly IndexSummary[]>(keys.indexes, (indexes) =>
    indexes.filter((index) => index.indexName !== name),
  );
  try {
    await deleteIndex(name);
    settle(true);
    notify("done", `Deleted ${name}`);
  } catch (error) {
    settle(false);
    notify("failed", `${name} was not deleted: ${(error as ApiError).message}`);
  }
}
