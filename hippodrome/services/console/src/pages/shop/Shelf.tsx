// Products on their shelf; while it is arranged, each can be dragged, or moved by its arrows, to a place.
import { type DragEvent, useState } from "react";
import { deleteRule, type Seen, saveRule } from "../../api/shop";
import type { NewRule, Product, Rule } from "../../api/shopTypes";
import type { ApiError } from "../../api/error";
import { Icon } from "../../parts/Icon";
import { keys } from "../../state/keys";
import { notify } from "../../state/notices";
import { expect, renew } from "../../state/resource";
import { questionOf, type ShopRoute } from "../../state/shopRoute";
import { moved, pinnedAt, pinRuleFor, pinScope, unpinned } from "./pins";
import { ProductCard } from "./ProductCard";

interface ShelfProps {
  readonly route: ShopRoute;
  readonly hits: readonly Product[];
  readonly rules: readonly Rule[];
  readonly isArranged: boolean;
}

const DRAGGED = "text/x-product-id";

export function Shelf({ route, hits, rules, isArranged }: ShelfProps) {
  const { pins, pin, unpin } = usePinning(route, rules);
  const [over, setOver] = useState<string>();
  const drop = (event: DragEvent, position: number) => {
    event.preventDefault();
    setOver(undefined);
    const id = event.dataTransfer.getData(DRAGGED);
    if (id) void pin(id, position);
  };
  return (
    <ol className={isArranged ? "shelf arranged" : "shelf"}>
      {hits.map((hit, at) => (
        <li
          key={hit._id}
          className={over === hit._id ? "over" : ""}
          draggable={isArranged}
          onDragStart={(event) => event.dataTransfer.setData(DRAGGED, hit._id)}
          onDragOver={(event) => {
            if (!isArranged) return;
            event.preventDefault();
            setOver(hit._id);
          }}
          onDragLeave={() => setOver(undefined)}
          onDrop={(event) => drop(event, at + 1)}
        >
          <ProductCard product={hit} isPinned={pins.has(hit._id)}>
            {isArranged && (
              <Moves
                title={hit.productTitle ?? hit._id}
                isPinned={pins.has(hit._id)}
                isFirst={at === 0}
                isLast={at === hits.length - 1}
                onMove={(by) => pin(hit._id, at + 1 + by)}
                onStay={() => pin(hit._id, at + 1)}
                onFree={() => unpin(hit._id)}
              />
            )}
          </ProductCard>
        </li>
      ))}
    </ol>
  );
}

interface MovesProps {
  readonly title: string;
  readonly isPinned: boolean;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly onMove: (by: number) => void;
  readonly onStay: () => void;
  readonly onFree: () => void;
}

function Moves({ title, isPinned, isFirst, isLast, onMove, onStay, onFree }: MovesProps) {
  return (
    <div className="moves">
      <button
        type="button"
        className="icon-button"
        aria-label={`Move ${title} forward`}
        disabled={isFirst}
        onClick={() => onMove(-1)}
      >
        <Icon name="left" />
      </button>
      <button type="button" className="link-button" onClick={isPinned ? onFree : onStay}>
        {isPinned ? "Unpin" : "Pin here"}
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label={`Move ${title} back`}
        disabled={isLast}
        onClick={() => onMove(1)}
      >
        <Icon name="right" />
      </button>
    </div>
  );
}

// A stored rule reaches the shop's searches by an event: mostly within the first of these, seldom after the last.
const ON_ITS_WAY_MS = [250, 750, 2000, 5000] as const;

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Places of products for what is looked for; the shelf changes at once, and back when the shop refuses. */
function usePinning(route: ShopRoute, rules: readonly Rule[]) {
  const scope = pinScope(route);
  const rule = scope === null ? undefined : pinRuleFor(rules, scope);
  const store = async (next: NewRule | null, change: (hits: readonly Product[]) => readonly Product[]) => {
    const settle = expect<Seen>(keys.seen(route.name, questionOf(route)), (seen) => ({
      ...seen,
      answer: { ...seen.answer, hits: change(seen.answer.hits) },
    }));
    try {
      if (next) await saveRule(route.name, next, rule?.id);
      else if (rule) await deleteRule(route.name, rule.id);
      await pause(ON_ITS_WAY_MS[0]);
      settle(true);
    } catch (error) {
      settle(false);
      notify("failed", `Not pinned: ${(error as ApiError).message}`);
    }
    renew(keys.inShop(route.name));
    for (const ms of ON_ITS_WAY_MS.slice(1)) setTimeout(() => renew(keys.inShop(route.name)), ms);
  };
  return {
    pins: new Set((rule?.pins ?? []).map((pin) => pin.id)),
    pin: async (id: string, position: number) => {
      if (scope) await store(pinnedAt(rule, scope, id, position), (hits) => moved(hits, id, position));
    },
    unpin: async (id: string) => {
      if (rule) await store(unpinned(rule, id), (hits) => hits);
    },
  };
}
