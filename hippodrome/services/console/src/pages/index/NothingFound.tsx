// A search without results: why that may be, and where to go from there.
import { readStats } from "../../api/indexes";
import { Link } from "../../parts/Link";
import { keys } from "../../state/keys";
import { useResource } from "../../state/resource";
import { type IndexRoute, indexPath } from "../../state/route";

export function NothingFound({ route }: { route: IndexRoute }) {
  const { name, method, filter } = route;
  const { value: stats } = useResource(keys.stats(name), (signal) => readStats(name, signal));
  if (stats?.numberOfDocuments === 0) {
    return (
      <Nothing title="This index is empty">
        <Link href={indexPath(name, { view: "add" })} className="button primary">
          Add documents
        </Link>
      </Nothing>
    );
  }
  return (
    <Nothing title="Nothing found">
      {filter && <Link href={indexPath(name, { ...route, filter: "" })}>Search without the filter</Link>}
      {method === "LEXICAL" && (
        <Link href={indexPath(name, { ...route, method: "TENSOR" })}>Search by meaning instead of words</Link>
      )}
      {!filter && method === "TENSOR" && <p>No document of this index has a vector to compare with.</p>}
    </Nothing>
  );
}

function Nothing({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <div className="empty card small">
      <h2>{title}</h2>
      {children}
    </div>
  );
}
