// One index: its state, and the view of it that the address asks for.
import { useState } from "react";
import { listIndexes, readStats } from "../../api/indexes";
import { Icon } from "../../parts/Icon";
import { Link } from "../../parts/Link";
import { Problem } from "../../parts/Problem";
import { StatusBadge } from "../../parts/StatusBadge";
import { keys } from "../../state/keys";
import { useResource } from "../../state/resource";
import { type IndexRoute, indexPath, VIEWS, type View } from "../../state/route";
import { useTitle } from "../../state/title";
import { DeleteDialog } from "../indexes/DeleteDialog";
import { AddView } from "./AddView";
import { DocumentsView } from "./DocumentsView";
import { SearchView } from "./SearchView";
import { SettingsView } from "./SettingsView";

const VIEW_NAMES: Record<View, string> = {
  search: "Search",
  documents: "Documents",
  add: "Add",
  settings: "Settings",
};

export function IndexPage({ route }: { route: IndexRoute }) {
  const { name, view } = route;
  useTitle(view === "search" && route.q ? `${route.q} · ${name}` : name);
  return (
    <>
      <Link href="/" className="back">
        <Icon name="back" /> Indexes
      </Link>
      <IndexHead name={name} />
      <nav className="views" aria-label={`Views of ${name}`}>
        {VIEWS.map((one) => (
          <Link
            key={one}
            href={indexPath(name, { ...route, view: one })}
            aria-current={one === view ? "page" : undefined}
          >
            {VIEW_NAMES[one]}
          </Link>
        ))}
      </nav>
      <OneView route={route} />
    </>
  );
}

function OneView({ route }: { route: IndexRoute }) {
  if (route.view === "documents") return <DocumentsView name={route.name} />;
  if (route.view === "add") return <AddView name={route.name} />;
  if (route.view === "settings") return <SettingsView name={route.name} />;
  return <SearchView route={route} />;
}

function IndexHead({ name }: { name: string }) {
  const [isDeleting, setDeleting] = useState(false);
  const { value: indexes, error, isLoading } = useResource(keys.indexes, listIndexes);
  const index = indexes?.find((one) => one.indexName === name);
  const isMissing = indexes !== undefined && index === undefined && !isLoading;
  return (
    <>
      <div className="page-head">
        <div>
          <h1>{name}</h1>
          <p className="lede facts">
            {isMissing && <span className="bad-text">The controller knows no index of this name.</span>}
            {index && <StatusBadge status={index.indexStatus} />}
            {index?.model && <span className="mono">{index.model}</span>}
            {index?.type && <span>{index.type}</span>}
            <Contents name={name} />
          </p>
        </div>
        <button type="button" className="button quiet-danger" onClick={() => setDeleting(true)}>
          <Icon name="trash" /> Delete
        </button>
      </div>
      {error && <Problem error={error} title="The controller cannot be asked about this index" />}
      {isDeleting && <DeleteDialog name={name} onClose={() => setDeleting(false)} />}
    </>
  );
}

function Contents({ name }: { name: string }) {
  const { value: stats } = useResource(keys.stats(name), (signal) => readStats(name, signal));
  if (stats === undefined) return null;
  const { numberOfDocuments: documents, numberOfVectors: vectors } = stats;
  return (
    <span>
      {documents.toLocaleString("en")} {documents === 1 ? "document" : "documents"},{" "}
      {vectors.toLocaleString("en")} {vectors === 1 ? "vector" : "vectors"}
    </span>
  );
}
