// The first page: every index, and how to make one.
import { useState } from "react";
import type { ApiError } from "../../api/error";
import { listIndexes } from "../../api/indexes";
import type { IndexSummary } from "../../api/types";
import { Icon } from "../../parts/Icon";
import { Problem } from "../../parts/Problem";
import { Waiting } from "../../parts/Waiting";
import { keys } from "../../state/keys";
import { useResource } from "../../state/resource";
import { useTitle } from "../../state/title";
import { CreateDialog } from "./CreateDialog";
import { DeleteDialog } from "./DeleteDialog";
import { IndexTable } from "./IndexTable";
import { NoIndexes } from "./NoIndexes";

const SETTLED = new Set(["READY", "FAILED"]);
const WATCH_MS = 1_500;

export function IndexesPage() {
  useTitle("Indexes");
  const [isCreating, setCreating] = useState(false);
  const [doomed, setDoomed] = useState<string>();
  const { indexes, error } = useIndexes();
  return (
    <>
      <div className="page-head">
        <div>
          <h1>Indexes</h1>
          <p className="lede">Everything that this stack's Marqo holds.</p>
        </div>
        {indexes !== undefined && indexes.length > 0 && (
          <button type="button" className="button primary" onClick={() => setCreating(true)}>
            <Icon name="add" /> Create index
          </button>
        )}
      </div>
      {error && <Problem error={error} title="The indexes cannot be listed" />}
      <Listing indexes={indexes} error={error} onCreate={() => setCreating(true)} onDelete={setDoomed} />
      {isCreating && <CreateDialog onClose={() => setCreating(false)} />}
      {doomed !== undefined && <DeleteDialog name={doomed} onClose={() => setDoomed(undefined)} />}
    </>
  );
}

/** The indexes, asked for again and again while one of them is changing. */
function useIndexes() {
  const [isWatching, setWatching] = useState(false);
  const { value: indexes, error } = useResource(keys.indexes, listIndexes, {
    everyMs: isWatching ? WATCH_MS : 0,
  });
  const isChanging = indexes?.some((index) => !SETTLED.has(index.indexStatus)) ?? false;
  if (isChanging !== isWatching) setWatching(isChanging);
  return { indexes, error };
}

interface ListingProps {
  readonly indexes: readonly IndexSummary[] | undefined;
  readonly error: ApiError | undefined;
  readonly onCreate: () => void;
  readonly onDelete: (name: string) => void;
}

function Listing({ indexes, error, onCreate, onDelete }: ListingProps) {
  if (indexes === undefined) return error ? null : <Waiting what="indexes" lines={4} />;
  if (indexes.length === 0) return <NoIndexes onCreate={onCreate} />;
  return <IndexTable indexes={indexes} onDelete={onDelete} />;
}
