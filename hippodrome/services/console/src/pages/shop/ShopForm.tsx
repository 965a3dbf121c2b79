// What a shopper asks for: words or a collection, and in which order.
import { type FormEvent, useEffect, useRef, useState } from "react";
import { listCollections } from "../../api/shop";
import { Icon } from "../../parts/Icon";
import { keys } from "../../state/keys";
import { useResource } from "../../state/resource";
import { go } from "../../state/route";
import { SHELF, type ShopRoute, shopPath } from "../../state/shopRoute";

const PAUSE_IN_TYPING_MS = 220;
const ORDERS = [
  { value: "", label: "Best first" },
  { value: "price:asc", label: "Cheapest first" },
  { value: "price:desc", label: "Dearest first" },
] as const;

export function ShopForm({ route }: { route: ShopRoute }) {
  const [q, setQ] = useTyped(route);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    go(shopPath(route.name, { ...route, q, collection: "", choices: [], limit: SHELF }));
  };
  return (
    <form className="search-form" role="search" onSubmit={submit}>
      <div className="search-box">
        <Icon name="search" />
        <input
          data-search-box
          type="search"
          aria-label={`Search the shop ${route.name}`}
          aria-keyshortcuts="/"
          placeholder="Search the shop…"
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
        <CollectionChoice route={route} />
        <OrderChoice route={route} />
      </div>
    </form>
  );
}

/** What is being typed; the address follows after a pause. */
function useTyped(route: ShopRoute) {
  const [q, setQ] = useState(route.q);
  const address = useRef(route);
  address.current = route;
  useEffect(() => setQ(route.q), [route.q]);
  useEffect(() => {
    const here = address.current;
    if (q === here.q) return;
    const follow = () =>
      go(shopPath(here.name, { ...here, q, collection: "", choices: [], limit: SHELF }), { replace: true });
    const timer = setTimeout(follow, PAUSE_IN_TYPING_MS);
    return () => clearTimeout(timer);
  }, [q]);
  return [q, setQ] as const;
}

function CollectionChoice({ route }: { route: ShopRoute }) {
  const { name } = route;
  const { value = [] } = useResource(keys.collections(name), (signal) => listCollections(name, signal));
  if (value.length === 0) return null;
  const choose = (collection: string) =>
    go(shopPath(name, { ...route, collection, q: "", choices: [], limit: SHELF }));
  return (
    <label className="choice">
      <span>Collection</span>
      <select value={route.collection} onChange={(event) => choose(event.target.value)}>
        <option value="">All products</option>
        {value.map(({ id, displayName, products }) => (
          <option key={id} value={id}>
            {displayName || id} ({products})
          </option>
        ))}
      </select>
    </label>
  );
}

function OrderChoice({ route }: { route: ShopRoute }) {
  const chosen = route.sort ? `${route.sort.fieldName}:${route.sort.order}` : "";
  const choose = (value: string) => {
    const [fieldName = "", order] = value.split(":");
    const sort = fieldName ? { fieldName, order: order === "desc" ? "desc" : "asc" } as const : null;
    go(shopPath(route.name, { ...route, sort }), { replace: true });
  };
  return (
    <label className="choice">
      <span>Order</span>
      <select value={chosen} onChange={(event) => choose(event.target.value)}>
        {ORDERS.map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
    </label>
  );
}
