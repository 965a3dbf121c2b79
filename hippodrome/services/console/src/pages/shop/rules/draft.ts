// A rule as it is typed, and the rule that it stands for.
import type { NewRule, Pin, Rule, RuleType, Scope } from "../../../api/shopTypes";

/** Lists as texts, a line or a comma between their parts; times as the browser's inputs have them. */
export interface Draft {
  readonly name: string;
  readonly type: RuleType;
  readonly enabled: boolean;
  readonly kind: Scope["kind"];
  readonly value: string;
  readonly match: "exact" | "contains";
  readonly pins: string;
  readonly documentIds: string;
  readonly filter: string;
  readonly strength: string;
  readonly url: string;
  readonly startsAt: string;
  readonly endsAt: string;
}

export function draftOf(rule: Rule | undefined): Draft {
  return {
    name: rule?.name ?? "",
    type: rule?.type ?? "boost",
    enabled: rule?.enabled ?? true,
    kind: rule?.scope.kind ?? "query",
    value: rule?.scope.value ?? "",
    match: rule?.scope.match ?? "exact",
    pins: (rule?.pins ?? []).map(({ id, position }) => `${position} ${id}`).join("\n"),
    documentIds: (rule?.documentIds ?? []).join("\n"),
    filter: rule?.filter ?? "",
    strength: String(rule?.strength ?? 2),
    url: rule?.url ?? "",
    startsAt: localTime(rule?.startsAt),
    endsAt: localTime(rule?.endsAt),
  };
}

/** What its type has no use for is left out. */
export function ruleOf(draft: Draft): NewRule {
  const { name, type, enabled, kind, value, match, startsAt, endsAt } = draft;
  return {
    name: name.trim(),
    type,
    enabled,
    scope: kind === "global" ? { kind } : { kind, value: value.trim(), ...(kind === "query" ? { match } : {}) },
    ...effectOf(draft),
    ...(startsAt ? { startsAt: new Date(startsAt).toISOString() } : {}),
    ...(endsAt ? { endsAt: new Date(endsAt).toISOString() } : {}),
  };
}

function effectOf({ type, pins, documentIds, filter, strength, url }: Draft): Partial<NewRule> {
  if (type === "pin") return { pins: parsePins(pins) };
  if (type === "redirect") return { url: url.trim() };
  const ids = documentIds.split(/[\s,]+/).filter(Boolean);
  return {
    ...(ids.length > 0 ? { documentIds: ids } : {}),
    ...(filter.trim() ? { filter: filter.trim() } : {}),
    ...(type === "hide" ? {} : { strength: Number(strength) }),
  };
}

/** `position id` on each line. */
function parsePins(text: string): readonly Pin[] {
  return text
    .split("\n")
    .map((line) => line.trim().split(/\s+/, 2))
    .filter(([position, id]) => position && id)
    .map(([position = "", id = ""]) => ({ id, position: Number(position) }));
}

/** As `<input type="datetime-local">` takes it. */
function localTime(iso: string | undefined): string {
  if (!iso) return "";
  const time = new Date(iso);
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
