// The merchant's rules that had a part in what is shown; each can be opened where it is.
import { useState } from "react";
import type { Rule } from "../../api/shopTypes";
import { RuleDialog } from "./rules/RuleDialog";

export function ActedRules({ name, acted }: { name: string; acted: readonly Rule[] }) {
  const [opened, setOpened] = useState<Rule>();
  if (acted.length === 0) return null;
  return (
    <div className="acted">
      <span>Rules that acted</span>
      <ul>
        {acted.map((rule) => (
          <li key={rule.id}>
            <button type="button" className={`rule-chip ${rule.type}`} onClick={() => setOpened(rule)}>
              <small>{rule.type}</small> {rule.name}
            </button>
          </li>
        ))}
      </ul>
      {opened && <RuleDialog index={name} rule={opened} onClose={() => setOpened(undefined)} />}
    </div>
  );
}
