// The shop's search as a shopper sees it; the merchant can put products at places by dragging them.
import { useState } from "react";
import { askShop, listRules, type Seen } from "../../api/shop";
import type { ShopAnswer, ShopIndex } from "../../api/shopTypes";
import { Link } from "../../parts/Link";
import { Problem } from "../../parts/Problem";
import { Waiting } from "../../parts/Waiting";
import { useHeldFor, useLast } from "../../state/after";
import { keys } from "../../state/keys";
import { useResource } from "../../state/resource";
import { go } from "../../state/route";
import { questionOf, SHELF, type ShopRoute, shopPath } from "../../state/shopRoute";
import { ActedRules } from "./ActedRules";
import { Facets } from "./Facets";
import { pinScope } from "./pins";
import { Shelf } from "./Shelf";
import { ShopForm } from "./ShopForm";

const FADE_AFTER_MS = 300;

export function ShopperView({ route, shop }: { route: ShopRoute; shop: ShopIndex }) {
  return (
    <section aria-label="As shoppers see it">
      <ShopForm key={route.name} route={route} />
      <Answer route={route} shop={shop} />
    </section>
  );
}

function Answer({ route, shop }: { route: ShopRoute; shop: ShopIndex }) {
  const { name } = route;
  const question = questionOf(route);
  const load = (signal: AbortSignal) => askShop(shop, question, signal);
  const { value, error, isLoading } = useResource(keys.seen(name, question), load);
  const shown = useLast(value);
  const isOld = useHeldFor(isLoading && value === undefined, FADE_AFTER_MS);
  if (error && value === undefined) return <Problem error={error} title="The search failed" />;
  if (shown === undefined) return <Waiting what="products" lines={5} />;
  return (
    <div className={isOld ? "storefront old" : "storefront"} aria-busy={isLoading}>
      <Facets route={route} facets={shown.answer.facets ?? {}} />
      <Found route={route} seen={shown} />
    </div>
  );
}

function Found({ route, seen }: { route: ShopRoute; seen: Seen }) {
  const { name } = route;
  const { value: rules = [] } = useResource(keys.rules(name), (signal) => listRules(name, signal));
  const [wantsOrder, setWantsOrder] = useState(false);
  const { answer, acted } = seen;
  const obstacle = obstacleOf(route);
  return (
    <div className="found">
      <div className="found-head">
        <p role="status">{countOf(answer)}</p>
        <label className="switch" title={obstacle ?? "Drag a product to its place, or move it with the arrows"}>
          <input
            type="checkbox"
            checked={wantsOrder && obstacle === null}
            disabled={obstacle !== null}
            onChange={(event) => setWantsOrder(event.target.checked)}
          />
          <span>Arrange by hand</span>
        </label>
      </div>
      {wantsOrder && obstacle && <p className="hint">{obstacle}</p>}
      <ActedRules name={name} acted={rules.filter(({ id }) => acted.includes(id))} />
      {answer.redirect && <Redirect to={answer.redirect} />}
      {answer.hits.length === 0 ? (
        <Nothing route={route} />
      ) : (
        <Shelf route={route} hits={answer.hits} rules={rules} isArranged={wantsOrder && obstacle === null} />
      )}
      <More route={route} answer={answer} />
    </div>
  );
}

/** Why places mean nothing here; null when they do. */
function obstacleOf(route: ShopRoute): string | null {
  if (pinScope(route) === null) return "Search for something or choose a collection: places belong to one of these.";
  if (route.choices.length > 0 || route.sort) return "Without choices and sorting products can be arranged.";
  return null;
}

function countOf({ totalHits, hits }: ShopAnswer): string {
  const count = totalHits ?? hits.length;
  return count === 1 ? "1 product" : `${count.toLocaleString("en")} products`;
}

function Redirect({ to }: { to: string }) {
  return (
    <p className="redirect card">
      A storefront sends the shopper to <code>{to}</code>
    </p>
  );
}

function Nothing({ route }: { route: ShopRoute }) {
  return (
    <div className="empty card small">
      <h2>Nothing found</h2>
      {route.choices.length > 0 ? (
        <Link href={shopPath(route.name, { ...route, choices: [] })} className="button">
          Take all choices back
        </Link>
      ) : (
        <p>No product has it.</p>
      )}
    </div>
  );
}

function More({ route, answer }: { route: ShopRoute; answer: ShopAnswer }) {
  if (answer.hits.length < route.limit || answer.hits.length >= (answer.totalHits ?? 0)) return null;
  const more = () => go(shopPath(route.name, { ...route, limit: route.limit + SHELF }), { replace: true });
  return (
    <button type="button" className="button" onClick={more}>
      Show more
    </button>
  );
}
