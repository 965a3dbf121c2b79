// The API key, shown and changed.
import { type FormEvent, useId, useState } from "react";
import { apiKey, DEFAULT_API_KEY } from "../state/apiKey";
import { notify } from "../state/notices";
import { renew } from "../state/resource";
import { Dialog } from "./Dialog";

export function KeyDialog({ onClose }: { onClose: () => void }) {
  const [key, setKey] = useState(apiKey.get());
  const id = useId();
  const save = (event: FormEvent) => {
    event.preventDefault();
    apiKey.set(key.trim());
    renew("");
    notify("done", "API key saved in this browser");
    onClose();
  };
  return (
    <Dialog title="API key" onClose={onClose}>
      <form onSubmit={save} className="stack">
        <label className="field" htmlFor={id}>
          <span>Sent as x-api-key with every request</span>
          <input
            id={id}
            className="mono"
            data-first
            autoComplete="off"
            spellCheck={false}
            value={key}
            placeholder={DEFAULT_API_KEY}
            onChange={(event) => setKey(event.target.value)}
          />
          <small>
            The stack's own key is <code>{DEFAULT_API_KEY}</code>. It is kept in this browser only.
          </small>
        </label>
        <footer className="dialog-foot">
          <button type="button" className="button" onClick={() => setKey(DEFAULT_API_KEY)}>
            Use the stack's own
          </button>
          <button type="submit" className="button primary">
            Save
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
