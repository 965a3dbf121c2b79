// The shop's indexes: one for each catalogue.
import { listShops } from "../../api/shop";
import { Code } from "../../parts/Code";
import { Link } from "../../parts/Link";
import { Problem } from "../../parts/Problem";
import { Waiting } from "../../parts/Waiting";
import { keys } from "../../state/keys";
import { links } from "../../state/links";
import { useResource } from "../../state/resource";
import { SHOP_VIEWS, shopPath } from "../../state/shopRoute";
import { useTitle } from "../../state/title";
import { NoShop } from "./NoShop";
import { VIEW_NAMES } from "./viewNames";

export function ShopsPage() {
  useTitle("Shop");
  return links.admin ? <Shops /> : <NoShop />;
}

function Shops() {
  const { value: shops, error } = useResource(keys.shops, listShops);
  return (
    <>
      <div className="page-head">
        <div>
          <h1>Shop</h1>
          <p className="lede">Catalogues, as merchants keep them and as shoppers see them.</p>
        </div>
      </div>
      {error && <Problem error={error} title="The catalogues cannot be listed" />}
      {shops === undefined && !error && <Waiting what="catalogues" />}
      {shops?.length === 0 && <NoCatalogue />}
      <ul className="shops">
        {shops?.map(({ name, indexId }) => (
          <li key={name} className="card">
            <h2>
              <Link href={shopPath(name)}>{name}</Link>
            </h2>
            <code>{indexId}</code>
            <p className="facts">
              {SHOP_VIEWS.map((view) => (
                <Link key={view} href={shopPath(name, { view })}>
                  {VIEW_NAMES[view]}
                </Link>
              ))}
            </p>
          </li>
        ))}
      </ul>
    </>
  );
}

function NoCatalogue() {
  return (
    <section className="empty card">
      <h2>No catalogue yet</h2>
      <p>This fills one with two hundred made-up products, with variants, prices and pictures:</p>
      <Code text="./hd seed" what="command" />
    </section>
  );
}
