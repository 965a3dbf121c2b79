// What became of each document that was sent.
import type { AddResult, DocumentResult } from "../../api/types";
import { Link } from "../../parts/Link";
import { indexPath } from "../../state/route";

export function AddResults({ name, result }: { name: string; result: AddResult }) {
  const failed = result.items.filter((item) => item.status >= 400);
  const added = result.items.length - failed.length;
  return (
    <div className="card add-results" role="status">
      <h3>
        {added} added{failed.length > 0 && <span className="bad-text">, {failed.length} refused</span>}
        <small>{Math.round(result.processingTimeMs)} ms</small>
      </h3>
      <ul>
        {[...failed, ...result.items.filter((item) => item.status < 400)].map((item, at) => (
          <ResultLine key={at} item={item} />
        ))}
      </ul>
      {added > 0 && (
        <Link href={indexPath(name)} className="button">
          Search them
        </Link>
      )}
    </div>
  );
}

function ResultLine({ item: { _id, status, message, error, code } }: { item: DocumentResult }) {
  const isBad = status >= 400;
  return (
    <li className={isBad ? "bad" : "good"}>
      <code>{_id || "(no id)"}</code>
      {isBad && (
        <p>
          {message ?? error} {code && <code className="bad-text">{code}</code>}
        </p>
      )}
    </li>
  );
}
