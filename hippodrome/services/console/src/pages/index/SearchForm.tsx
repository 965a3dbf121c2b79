// The search box, the method and the filter.
import { type FormEvent, useEffect, useRef, useState } from "react";
import type { SearchMethod } from "../../api/types";
import { Icon } from "../../parts/Icon";
import { Segments } from "../../parts/Segments";
import { go, type IndexRoute, indexPath, PAGE_SIZE } from "../../state/route";

const PAUSE_IN_TYPING_MS = 220;

const METHODS: readonly { value: SearchMethod; label: string; alias: string; hint: string }[] = [
  { value: "TENSOR", label: "Meaning", alias: "tensor", hint: "By closeness of vectors" },
  { value: "LEXICAL", label: "Words", alias: "lexical", hint: "By the words themselves" },
];

export function SearchForm({ route }: { route: IndexRoute }) {
  const { q, filter, setQ, setFilter, submit } = useQuestion(route);
  return (
    <form className="search-form" role="search" onSubmit={submit}>
      <div className="search-box">
        <Icon name="search" />
        <input
          data-search-box
          type="search"
          aria-label={`Search ${route.name}`}
          aria-keyshortcuts="/"
          placeholder="Search…"
          autoComplete="off"
          value={q}
          onChange={(event) => setQ(event.target.value)}
        />
        <kbd aria-hidden="true">/</kbd>
        <button type="submit" className="button primary">
          Search
        </button>
      </div>
      <div className="search-options">
        <Segments
          name="Search method"
          segments={METHODS}
          value={route.method}
          onChange={(method) => go(indexPath(route.name, { ...route, q, filter, method }), { replace: true })}
        />
        <label className="filter">
          <span>Filter</span>
          <input
            className="mono"
            value={filter}
            placeholder="price:[10 TO 100] AND category:outdoor"
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => setFilter(event.target.value)}
          />
        </label>
      </div>
    </form>
  );
}

/** What is being typed. The address follows: the words after a pause, the filter (half of one is an error) on Enter. */
function useQuestion(route: IndexRoute) {
  const [q, setQ] = useState(route.q);
  const [filter, setFilter] = useState(route.filter);
  const address = useRef(route);
  address.current = route;

  useEffect(() => setQ(route.q), [route.q]);
  useEffect(() => setFilter(route.filter), [route.filter]);
  useEffect(() => {
    if (q === address.current.q) return;
    const next = () =>
      go(indexPath(address.current.name, { ...address.current, q, limit: PAGE_SIZE }), { replace: true });
    const timer = setTimeout(next, PAUSE_IN_TYPING_MS);
    return () => clearTimeout(timer);
  }, [q]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const here = address.current;
    if (q !== here.q || filter !== here.filter)
      go(indexPath(here.name, { ...here, q, filter, limit: PAGE_SIZE }));
  };
  return { q, filter, setQ, setFilter, submit };
}
