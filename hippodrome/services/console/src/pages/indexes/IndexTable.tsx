// The indexes side by side.
import { readStats } from "../../api/indexes";
import type { IndexSummary } from "../../api/types";
import { Copy } from "../../parts/Copy";
import { Icon } from "../../parts/Icon";
import { Link } from "../../parts/Link";
import { StatusBadge } from "../../parts/StatusBadge";
import { keys } from "../../state/keys";
import { useResource } from "../../state/resource";
import { indexPath } from "../../state/route";

interface IndexTableProps {
  readonly indexes: readonly IndexSummary[];
  readonly onDelete: (name: string) => void;
}

export function IndexTable({ indexes, onDelete }: IndexTableProps) {
  return (
    <table className="card index-table">
      <caption className="unseen">Indexes</caption>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Status</th>
          <th scope="col">Model</th>
          <th scope="col" className="number">
            Documents
          </th>
          <th scope="col">Endpoint</th>
          <th scope="col">
            <span className="unseen">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {indexes.map((index) => (
          <Row key={index.indexName} index={index} onDelete={onDelete} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ index, onDelete }: { index: IndexSummary; onDelete: (name: string) => void }) {
  const { indexName: name, indexStatus: status, model, type, marqoEndpoint: endpoint, errorMsg } = index;
  return (
    <tr>
      <th scope="row">
        <Link href={indexPath(name)} className="row-link">
          {name}
        </Link>
      </th>
      <td data-label="Status">
        <StatusBadge status={status} />
        {errorMsg && <small className="bad-text">{errorMsg}</small>}
      </td>
      <td data-label="Model">
        <span className="mono">{model ?? "–"}</span>
        {type && <small>{type}</small>}
      </td>
      <td data-label="Documents" className="number">
        <DocumentCount index={index} />
      </td>
      <td data-label="Endpoint">
        {endpoint ? (
          <span className="endpoint">
            <span className="mono">{endpoint.replace(/^https?:\/\//, "")}</span>
            <Copy text={endpoint} what={`endpoint of ${name}`} />
          </span>
        ) : (
          "–"
        )}
      </td>
      <td className="actions">
        <button
          type="button"
          className="icon-button danger"
          aria-label={`Delete ${name}`}
          onClick={() => onDelete(name)}
        >
          <Icon name="trash" />
        </button>
      </td>
    </tr>
  );
}

function DocumentCount({ index }: { index: IndexSummary }) {
  const counted = index.docsCount ?? index["docs.count"];
  return counted == null ? <CellCount name={index.indexName} /> : <Count value={Number(counted)} />;
}

function CellCount({ name }: { name: string }) {
  const { value } = useResource(keys.stats(name), (signal) => readStats(name, signal));
  return value === undefined ? "–" : <Count value={value.numberOfDocuments} />;
}

function Count({ value }: { value: number }) {
  return value.toLocaleString("en");
}
