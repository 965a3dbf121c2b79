// What a search found, best first.
import type { Hit, SearchRequest } from "../../api/types";
import { Fields } from "./Fields";
import { Marked } from "./Marked";
import { marksOf } from "./marks";
import { plainFields, titleField } from "./documentFields";

export function HitList({ hits, request }: { hits: readonly Hit[]; request: SearchRequest }) {
  const best = hits[0]?._score ?? 0;
  return (
    <ol className="hits">
      {hits.map((hit) => (
        <OneHit key={hit._id} hit={hit} request={request} best={best} />
      ))}
    </ol>
  );
}

function OneHit({ hit, request, best }: { hit: Hit; request: SearchRequest; best: number }) {
  const marks = marksOf(hit, request);
  const title = titleField(hit);
  const rest = plainFields(hit).filter(([field]) => field !== title);
  return (
    <li className="card hit">
      <header>
        <h3>{title ? <Marked text={String(hit[title])} marks={marks[title] ?? []} /> : hit._id}</h3>
        <Score score={hit._score} best={best} />
      </header>
      <Fields entries={rest} marks={marks} />
      <footer>
        <code>{hit._id}</code>
        <details>
          <summary>JSON</summary>
          <pre tabIndex={0}>{JSON.stringify(hit, null, 2)}</pre>
        </details>
      </footer>
    </li>
  );
}

function Score({ score, best }: { score: number; best: number }) {
  const share = best > 0 ? Math.max(0, Math.min(1, score / best)) : 0;
  return (
    <span className="score" title={`Score ${score}`}>
      <span className="score-bar" aria-hidden="true">
        <span style={{ inlineSize: `${share * 100}%` }} />
      </span>
      <span className="unseen">Score </span>
      {score.toFixed(3)}
    </span>
  );
}
