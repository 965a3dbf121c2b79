// The catalogue as it is kept: every product once, with its picture; opened, with all its variants.
import { type FormEvent, useState } from "react";
import { browseProducts } from "../../api/shop";
import type { Product } from "../../api/shopTypes";
import { Problem } from "../../parts/Problem";
import { Waiting } from "../../parts/Waiting";
import { useLast } from "../../state/after";
import { keys } from "../../state/keys";
import { useResource } from "../../state/resource";
import { go } from "../../state/route";
import { filterOf, SHELF, type ShopRoute, shopPath } from "../../state/shopRoute";
import { ProductCard } from "./ProductCard";
import { ProductDialog } from "./ProductDialog";

export function CatalogueView({ route, indexId }: { route: ShopRoute; indexId: string }) {
  const { name, q, choices, limit } = route;
  const [opened, setOpened] = useState<Product>();
  const page = { words: q, filter: filterOf(choices), offset: 0, limit };
  const { value, error } = useResource(keys.products(name, page), (signal) =>
    browseProducts(indexId, page, signal),
  );
  const shown = useLast(value);
  return (
    <section aria-label="Catalogue" className="catalogue">
      <WordsForm route={route} />
      {error && value === undefined && <Problem error={error} title="The catalogue cannot be listed" />}
      {shown === undefined && !error && <Waiting what="products" lines={5} />}
      {shown && <p role="status">{`${shown.totalHits.toLocaleString("en")} products`}</p>}
      <ul className="shelf">
        {shown?.hits.map((product) => (
          <li key={product._id}>
            <button type="button" className="product-button" onClick={() => setOpened(product)}>
              <ProductCard product={product} />
            </button>
          </li>
        ))}
      </ul>
      {shown && shown.hits.length < shown.totalHits && (
        <button
          type="button"
          className="button"
          onClick={() => go(shopPath(name, { ...route, limit: limit + SHELF }), { replace: true })}
        >
          Show more
        </button>
      )}
      {opened && (
        <ProductDialog name={name} indexId={indexId} product={opened} onClose={() => setOpened(undefined)} />
      )}
    </section>
  );
}

function WordsForm({ route }: { route: ShopRoute }) {
  const [words, setWords] = useState(route.q);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    go(shopPath(route.name, { ...route, q: words.trim(), limit: SHELF }));
  };
  return (
    <form className="id-form" onSubmit={submit}>
      <label htmlFor="catalogue-words">Words</label>
      <input
        id="catalogue-words"
        data-search-box
        autoComplete="off"
        value={words}
        onChange={(event) => setWords(event.target.value)}
      />
      <button type="submit" className="button">
        Find
      </button>
    </form>
  );
}
