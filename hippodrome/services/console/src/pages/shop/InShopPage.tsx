// One shop: its catalogue and what is done with it, in the view that the address asks for.
import { readShop } from "../../api/shop";
import type { ShopIndex } from "../../api/shopTypes";
import { Icon } from "../../parts/Icon";
import { Link } from "../../parts/Link";
import { Problem } from "../../parts/Problem";
import { Waiting } from "../../parts/Waiting";
import { keys } from "../../state/keys";
import { links } from "../../state/links";
import { useResource } from "../../state/resource";
import { SHOP_VIEWS, type ShopRoute, shopPath } from "../../state/shopRoute";
import { useTitle } from "../../state/title";
import { CatalogueView } from "./CatalogueView";
import { NoShop } from "./NoShop";
import { RulesView } from "./rules/RulesView";
import { SettingsView } from "./SettingsView";
import { ShopperView } from "./ShopperView";
import { VIEW_NAMES } from "./viewNames";

export function InShopPage({ route }: { route: ShopRoute }) {
  useTitle(`${VIEW_NAMES[route.view]} · ${route.name}`);
  return links.admin ? <InShop route={route} /> : <NoShop />;
}

function InShop({ route }: { route: ShopRoute }) {
  const { name } = route;
  const { value: shop, error } = useResource(keys.shop(name), (signal) => readShop(name, signal));
  return (
    <>
      <Link href="/shop" className="back">
        <Icon name="back" /> Shop
      </Link>
      <div className="page-head">
        <div>
          <h1>{name}</h1>
          {shop && (
            <p className="facts">
              <code>{shop.indexId}</code>
              <span>{shop.documents.toLocaleString("en")} variants</span>
            </p>
          )}
        </div>
      </div>
      <nav className="views" aria-label={`Views of ${name}`}>
        {SHOP_VIEWS.map((view) => (
          <Link key={view} href={shopPath(name, { view })} aria-current={view === route.view ? "page" : undefined}>
            {VIEW_NAMES[view]}
          </Link>
        ))}
      </nav>
      {error && <Problem error={error} title={`The shop ${name} cannot be shown`} />}
      {!error && shop === undefined && <Waiting what="the shop" lines={5} />}
      {shop && <View route={route} shop={shop} />}
    </>
  );
}

function View({ route, shop }: { route: ShopRoute; shop: ShopIndex }) {
  switch (route.view) {
    case "shopper":
      return <ShopperView route={route} shop={shop} />;
    case "catalogue":
      return <CatalogueView route={route} indexId={shop.indexId} />;
    case "rules":
      return <RulesView name={route.name} />;
    case "settings":
      return <SettingsView name={route.name} />;
  }
}
