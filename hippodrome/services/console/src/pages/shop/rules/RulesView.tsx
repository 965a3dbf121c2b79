// The merchant's rules: what each does, where it acts, and whether it is on.
import { useState } from "react";
import { deleteRule, listRules, saveRule } from "../../../api/shop";
import type { ApiError } from "../../../api/error";
import type { Rule } from "../../../api/shopTypes";
import { Icon } from "../../../parts/Icon";
import { Problem } from "../../../parts/Problem";
import { Waiting } from "../../../parts/Waiting";
import { keys } from "../../../state/keys";
import { notify } from "../../../state/notices";
import { expect, renew, useResource } from "../../../state/resource";
import { RuleDialog } from "./RuleDialog";
import { effectOf, scopeText } from "./words";

export function RulesView({ name }: { name: string }) {
  const { value: rules, error } = useResource(keys.rules(name), (signal) => listRules(name, signal));
  const [opened, setOpened] = useState<Rule | "new">();
  return (
    <section aria-label="Rules" className="rules">
      <div className="found-head">
        <p className="lede">Pin, boost, bury and hide products, or send shoppers elsewhere.</p>
        <button type="button" className="button primary" onClick={() => setOpened("new")}>
          <Icon name="add" /> New rule
        </button>
      </div>
      {error && <Problem error={error} title="The rules cannot be listed" />}
      {rules === undefined && !error && <Waiting what="rules" />}
      {rules?.length === 0 && <NoRules />}
      {rules && rules.length > 0 && <RuleTable name={name} rules={rules} onOpen={setOpened} />}
      {opened && (
        <RuleDialog
          index={name}
          {...(opened === "new" ? {} : { rule: opened })}
          onClose={() => setOpened(undefined)}
        />
      )}
    </section>
  );
}

interface RuleTableProps {
  readonly name: string;
  readonly rules: readonly Rule[];
  readonly onOpen: (rule: Rule) => void;
}

function RuleTable({ name, rules, onOpen }: RuleTableProps) {
  return (
    <table className="card plain-table">
      <caption className="unseen">Rules</caption>
      <thead>
        <tr>
          <th scope="col">Rule</th>
          <th scope="col">Acts on</th>
          <th scope="col">What it does</th>
          <th scope="col">On</th>
          <th scope="col">
            <span className="unseen">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rules.map((rule) => (
          <tr key={rule.id}>
            <th scope="row">
              <button type="button" className="link-button" onClick={() => onOpen(rule)}>
                {rule.name}
              </button>
            </th>
            <td data-label="Acts on">{scopeText(rule.scope)}</td>
            <td data-label="What it does">{effectOf(rule)}</td>
            <td data-label="On">
              <input
                type="checkbox"
                aria-label={`${rule.name} is on`}
                checked={rule.enabled}
                onChange={() => void change(name, { ...rule, enabled: !rule.enabled })}
              />
            </td>
            <td className="actions">
              <button
                type="button"
                className="icon-button danger"
                aria-label={`Delete rule ${rule.name}`}
                onClick={() => void remove(name, rule)}
              >
                <Icon name="trash" />
              </button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function NoRules() {
  return (
    <div className="empty card small">
      <h2>No rules yet</h2>
      <p>Results stand as the search finds them. Products can also be pinned by dragging, where shoppers see them.</p>
    </div>
  );
}

const change = (name: string, rule: Rule) =>
  seenAtOnce(
    name,
    (rules) => rules.map((one) => (one.id === rule.id ? rule : one)),
    () => saveRule(name, rule, rule.id),
  );

const remove = (name: string, rule: Rule) =>
  seenAtOnce(
    name,
    (rules) => rules.filter((one) => one.id !== rule.id),
    () => deleteRule(name, rule.id),
  );

type Change = (rules: readonly Rule[]) => readonly Rule[];

async function seenAtOnce(name: string, after: Change, work: () => Promise<unknown>): Promise<void> {
  const settle = expect<readonly Rule[]>(keys.rules(name), after);
  try {
    await work();
    settle(true);
    renew(keys.inShop(name));
  } catch (error) {
    settle(false);
    notify("failed", (error as ApiError).message);
  }
}
