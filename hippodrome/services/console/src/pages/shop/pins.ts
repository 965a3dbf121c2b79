// Pins as a merchant makes them: a product dragged to a place stays there for this query or collection.
import type { NewRule, Pin, Product, Rule, Scope } from "../../api/shopTypes";
import type { ShopRoute } from "../../state/shopRoute";

/** What a pin made here is about; null where everything is shown. */
export function pinScope({ q, collection }: ShopRoute): Scope | null {
  if (collection) return { kind: "collection", value: collection };
  return q.trim() ? { kind: "query", value: q.trim(), match: "exact" } : null;
}

/** The rule that holds the pins made by hand for this scope. */
export function pinRuleFor(rules: readonly Rule[], scope: Scope): Rule | undefined {
  return rules.find((rule) => rule.type === "pin" && rule.enabled && isSame(rule.scope, scope));
}

function isSame(one: Scope, other: Scope): boolean {
  const word = ({ value = "" }: Scope) => value.trim().toLowerCase();
  const match = (scope: Scope) => (scope.kind === "query" ? (scope.match ?? "exact") : "");
  return one.kind === other.kind && word(one) === word(other) && match(one) === match(other);
}

/** The rule with the product at this place; other pins give way downwards. */
export function pinnedAt(rule: Rule | undefined, scope: Scope, id: string, position: number): NewRule {
  const others = (rule?.pins ?? []).filter((pin) => pin.id !== id);
  return { ...(rule ?? newRule(scope)), pins: inOrder([...shifted(others, position), { id, position }]) };
}

/** The rule without the pin; null when none is left. */
export function unpinned(rule: Rule, id: string): NewRule | null {
  const pins = (rule.pins ?? []).filter((pin) => pin.id !== id);
  return pins.length > 0 ? { ...rule, pins } : null;
}

/** The list as it will be with the product at this place, which counts from 1. */
export function moved(hits: readonly Product[], id: string, position: number): readonly Product[] {
  const others = hits.filter((hit) => hit._id !== id);
  const hit = hits.find((one) => one._id === id);
  return hit === undefined ? hits : others.toSpliced(position - 1, 0, hit);
}

function shifted(pins: readonly Pin[], position: number): readonly Pin[] {
  const inTheWay = pins.find((pin) => pin.position === position);
  if (inTheWay === undefined) return pins;
  const others = pins.filter((pin) => pin !== inTheWay);
  return [...shifted(others, position + 1), { ...inTheWay, position: position + 1 }];
}

function inOrder(pins: readonly Pin[]): readonly Pin[] {
  return pins.toSorted((one, other) => one.position - other.position);
}

function newRule(scope: Scope): NewRule {
  return { name: `Order of ${scope.value}`, type: "pin", enabled: true, scope };
}
