// Search in one index: the question in the address, the answer below it.
import { search } from "../../api/documents";
import type { SearchRequest } from "../../api/types";
import { Problem } from "../../parts/Problem";
import { Waiting } from "../../parts/Waiting";
import { useHeldFor, useLast } from "../../state/after";
import { keys } from "../../state/keys";
import { useResource } from "../../state/resource";
import { go, type IndexRoute, indexPath, PAGE_SIZE } from "../../state/route";
import { HitList } from "./HitList";
import { NothingFound } from "./NothingFound";
import { SearchForm } from "./SearchForm";

const FADE_AFTER_MS = 300;

export function SearchView({ route }: { route: IndexRoute }) {
  return (
    <section className="search" aria-label="Search">
      <SearchForm route={route} />
      {route.q ? (
        <Answer route={route} />
      ) : (
        <p className="hint">Describe what you look for, in your own words.</p>
      )}
    </section>
  );
}

interface Timed {
  readonly result: Awaited<ReturnType<typeof search>>;
  readonly request: SearchRequest;
  readonly roundTripMs: number;
}

async function timed(index: string, request: SearchRequest, signal: AbortSignal): Promise<Timed> {
  const start = performance.now();
  const result = await search(index, request, signal);
  return { result, request, roundTripMs: performance.now() - start };
}

function Answer({ route }: { route: IndexRoute }) {
  const { name, q, method, filter, limit } = route;
  const request: SearchRequest = { q, searchMethod: method, limit, ...(filter ? { filter } : {}) };
  const load = (signal: AbortSignal) => timed(name, request, signal);
  const { value, error, isLoading } = useResource(keys.search(name, request), load);
  const shown = useLast(value);
  const isOld = useHeldFor(isLoading, FADE_AFTER_MS);

  if (error && value === undefined) return <Problem error={error} title="The search failed" />;
  if (shown === undefined) return <Waiting what="results" lines={5} />;
  const { hits, processingTimeMs } = shown.result;
  return (
    <div className={isOld ? "answer old" : "answer"} aria-busy={isLoading}>
      <p className="answer-facts" role="status">
        {hits.length} {hits.length === 1 ? "result" : "results"}
        <span>{Math.round(processingTimeMs)} ms in the cell</span>
        <span>{Math.round(shown.roundTripMs)} ms in all</span>
      </p>
      {hits.length === 0 ? <NothingFound route={route} /> : <HitList hits={hits} request={shown.request} />}
      {hits.length >= limit && (
        <button
          type="button"
          className="button"
          onClick={() => go(indexPath(name, { ...route, limit: limit + PAGE_SIZE }), { replace: true })}
        >
          Show more
        </button>
      )}
    </div>
  );
}
