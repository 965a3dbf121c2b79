// Rules in a merchant's words.
import type { Rule, RuleType, Scope } from "../../../api/shopTypes";

export const TYPES: readonly { value: RuleType; label: string; hint: string }[] = [
  { value: "pin", label: "Pin", hint: "Products stand at places of their own" },
  { value: "boost", label: "Boost", hint: "Products count more" },
  { value: "bury", label: "Bury", hint: "Products count less" },
  { value: "hide", label: "Hide", hint: "Products are never seen" },
  { value: "redirect", label: "Redirect", hint: "The shopper is sent to another page" },
];

export function scopeText({ kind, value, match }: Scope): string {
  if (kind === "global") return "every search";
  if (kind === "collection") return `collection ${value}`;
  return match === "contains" ? `searches with “${value}”` : `“${value}”`;
}

export function effectOf(rule: Rule): string {
  const about = [rule.filter, listed(rule.documentIds ?? [])].filter(Boolean).join(" and ");
  switch (rule.type) {
    case "pin":
      return (rule.pins ?? []).map(({ id, position }) => `${id} at ${position}`).join(", ");
    case "boost":
      return `${about} × ${rule.strength ?? 2}`;
    case "bury":
      return `${about} ÷ ${rule.strength ?? 2}`;
    case "hide":
      return about;
    case "redirect":
      return `to ${rule.url}`;
  }
}

const LISTED = 3;

function listed(ids: readonly string[]): string {
  const more = ids.length - LISTED;
  return ids.slice(0, LISTED).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
