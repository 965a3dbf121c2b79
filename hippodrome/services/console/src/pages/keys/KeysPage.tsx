// API keys of the account: made, seen once, taken back.
import { type FormEvent, useState } from "react";
import type { ApiError } from "../../api/error";
import { listKeys, makeKey, takeBackKey } from "../../api/shop";
import type { ApiKey } from "../../api/shopTypes";
import { Code } from "../../parts/Code";
import { Dialog } from "../../parts/Dialog";
import { Field } from "../../parts/Field";
import { Icon } from "../../parts/Icon";
import { Problem } from "../../parts/Problem";
import { Segments } from "../../parts/Segments";
import { Waiting } from "../../parts/Waiting";
import { useAction } from "../../state/action";
import { keys } from "../../state/keys";
import { notify } from "../../state/notices";
import { expect, renew, useResource } from "../../state/resource";
import { useTitle } from "../../state/title";

const SCOPES: readonly { value: ApiKey["scope"]; label: string; hint: string }[] = [
  { value: "read", label: "Read", hint: "Searches and lists" },
  { value: "read-write", label: "Read and write", hint: "Changes documents, too" },
  { value: "admin", label: "Admin", hint: "Makes indexes, rules and keys as well" },
];

export function KeysPage() {
  useTitle("API keys");
  const [isMaking, setMaking] = useState(false);
  const { value: known, error } = useResource(keys.apiKeys, listKeys);
  return (
    <>
      <div className="page-head">
        <div>
          <h1>API keys</h1>
          <p className="lede">What programs of this account open its doors with.</p>
        </div>
        <button type="button" className="button primary" onClick={() => setMaking(true)}>
          <Icon name="add" /> New key
        </button>
      </div>
      {error && <Problem error={error} title="The keys cannot be listed" />}
      {known === undefined && !error && <Waiting what="keys" />}
      {known && <KeyTable known={known} />}
      {isMaking && <NewKeyDialog onClose={() => setMaking(false)} />}
    </>
  );
}

function KeyTable({ known }: { known: readonly ApiKey[] }) {
  return (
    <table className="card plain-table">
      <caption className="unseen">API keys</caption>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">May</th>
          <th scope="col">Made</th>
          <th scope="col">
            <span className="unseen">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {known.map(({ id, name, scope, createdAt }) => (
          <tr key={id}>
            <th scope="row">{name}</th>
            <td data-label="May">{scope}</td>
            <td data-label="Made">{createdAt.slice(0, 10)}</td>
            <td className="actions">
              <button
                type="button"
                className="icon-button danger"
                aria-label={`Take back ${name}`}
                onClick={() => void takeBack(id, name)}
              >
                <Icon name="trash" />
              </button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

async function takeBack(id: string, name: string): Promise<void> {
  const settle = expect<readonly ApiKey[]>(keys.apiKeys, (known) => known.filter((key) => key.id !== id));
  try {
    await takeBackKey(id);
    settle(true);
    notify("done", `Took back ${name}`);
  } catch (error) {
    settle(false);
    notify("failed", (error as ApiError).message);
  }
}

function NewKeyDialog({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const [scope, setScope] = useState<ApiKey["scope"]>("read");
  const [made, setMade] = useState<string>();
  const making = useAction();
  const make = (event: FormEvent) => {
    event.preventDefault();
    void making.run(async () => {
      setMade((await makeKey(name.trim(), scope)).key);
      renew(keys.apiKeys);
    });
  };
  if (made) return <MadeKey made={made} onClose={onClose} />;
  return (
    <Dialog title="New key" onClose={onClose}>
      <form className="stack" onSubmit={make}>
        {making.error && <Problem error={making.error} title="The key was not made" />}
        <Field label="Name" hint="Which program will use it." error={undefined}>
          {(field) => (
            <input {...field} data-first required value={name} onChange={(event) => setName(event.target.value)} />
          )}
        </Field>
        <div className="field">
          <span>May</span>
          <Segments name="May" segments={SCOPES} value={scope} onChange={setScope} />
          <small>{SCOPES.find(({ value }) => value === scope)?.hint}.</small>
        </div>
        <footer className="dialog-foot">
          <button type="submit" className="button primary" disabled={making.isRunning}>
            Make it
          </button>
        </footer>
      </form>
    </Dialog>
  );
}

function MadeKey({ made, onClose }: { made: string; onClose: () => void }) {
  return (
    <Dialog title="The new key" onClose={onClose}>
      <p>It is shown this once; nobody can look it up later.</p>
      <Code text={made} what="key" />
      <footer className="dialog-foot">
        <button type="button" className="button primary" onClick={onClose}>
          Done
        </button>
      </footer>
    </Dialog>
  );
}
