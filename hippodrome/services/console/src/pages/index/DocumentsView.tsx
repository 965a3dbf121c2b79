// The documents of an index: the first of them, or one by its id.
import { type FormEvent, useId, useState } from "react";
import { browse, deleteDocument, getDocument } from "../../api/documents";
import type { ApiError } from "../../api/error";
import type { Document } from "../../api/types";
import { Link } from "../../parts/Link";
import { Problem } from "../../parts/Problem";
import { Waiting } from "../../parts/Waiting";
import { keys } from "../../state/keys";
import { notify } from "../../state/notices";
import { expect, renew, useResource } from "../../state/resource";
import { indexPath } from "../../state/route";
import { DocumentCard } from "./DocumentCard";

const STEP = 20;
const AT_MOST = 1000;

export function DocumentsView({ name }: { name: string }) {
  const [wanted, setWanted] = useState("");
  return (
    <section className="documents" aria-label="Documents">
      <IdForm wanted={wanted} onWant={setWanted} />
      {wanted ? (
        <OneDocument name={name} id={wanted} onGone={() => setWanted("")} />
      ) : (
        <FirstDocuments name={name} />
      )}
    </section>
  );
}

function IdForm({ wanted, onWant }: { wanted: string; onWant: (id: string) => void }) {
  const [typed, setTyped] = useState("");
  const id = useId();
  const get = (event: FormEvent) => {
    event.preventDefault();
    onWant(typed.trim());
  };
  const all = () => {
    setTyped("");
    onWant("");
  };
  return (
    <form className="id-form" onSubmit={get}>
      <label htmlFor={id}>Document id</label>
      <input
        id={id}
        data-search-box
        className="mono"
        autoComplete="off"
        spellCheck={false}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      <button type="submit" className="button">
        Get
      </button>
      {wanted && (
        <button type="button" className="button quiet" onClick={all}>
          Show all
        </button>
      )}
    </form>
  );
}

function OneDocument({ name, id, onGone }: { name: string; id: string; onGone: () => void }) {
  const { value, error } = useResource(keys.document(name, id), (signal) => getDocument(name, id, signal));
  const remove = () => {
    onGone();
    void removeDocument(name, id, STEP);
  };
  if (error) return <Problem error={error} title={`The document ${id} cannot be shown`} />;
  if (value === undefined) return <Waiting what="the document" />;
  return <DocumentCard document={value} isOpen onDelete={remove} />;
}

function FirstDocuments({ name }: { name: string }) {
  const [limit, setLimit] = useState(STEP);
  const { value, error } = useResource(keys.documents(name, limit), (signal) => browse(name, limit, signal));
  if (error && value === undefined) return <Problem error={error} title="The documents cannot be listed" />;
  if (value === undefined) return <Waiting what="documents" lines={5} />;
  if (value.length === 0) return <NoDocuments name={name} />;
  return (
    <>
      <ul className="document-list">
        {value.map((document) => (
          <li key={String(document._id)}>
            <DocumentCard
              document={document}
              onDelete={() => void removeDocument(name, String(document._id), limit)}
            />
          </li>
        ))}
      </ul>
      {value.length >= limit && limit < AT_MOST && (
        <button type="button" className="button" onClick={() => setLimit(limit + STEP)}>
          Show more
        </button>
      )}
      <p className="hint">Documents that have vectors. Get any other one by its id.</p>
    </>
  );
}

/** Takes the document away at once, and brings it back when the cell refuses. */
async function removeDocument(name: string, id: string, limit: number): Promise<void> {
  const settle = expect<readonly Document[]>(keys.documents(name, limit), (documents) =>
    documents.filter((document) => document._id !== id),
  );
  try {
    await deleteDocument(name, id);
    settle(true);
    renew(keys.contents(name));
    notify("done", `Deleted document ${id}`);
  } catch (error) {
    settle(false);
    notify("failed", `Document ${id} was not deleted: ${(error as ApiError).message}`);
  }
}

function NoDocuments({ name }: { name: string }) {
  return (
    <div className="empty card small">
      <h2>No documents yet</h2>
      <p>Add some as JSON; each becomes findable by its texts.</p>
      <Link href={indexPath(name, { view: "add" })} className="button primary">
        Add documents
      </Link>
    </div>
  );
}
