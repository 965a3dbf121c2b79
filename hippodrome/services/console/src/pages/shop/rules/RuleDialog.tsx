// A rule, new or known, in a form.
import { type FormEvent, useState } from "react";
import { deleteRule, saveRule } from "../../../api/shop";
import type { Rule, Scope } from "../../../api/shopTypes";
import { Dialog } from "../../../parts/Dialog";
import { Field } from "../../../parts/Field";
import { Problem } from "../../../parts/Problem";
import { Segments } from "../../../parts/Segments";
import { useAction } from "../../../state/action";
import { keys } from "../../../state/keys";
import { notify } from "../../../state/notices";
import { renew } from "../../../state/resource";
import { type Draft, draftOf, ruleOf } from "./draft";
import { TYPES } from "./words";

interface RuleDialogProps {
  readonly index: string;
  readonly rule?: Rule;
  readonly onClose: () => void;
}

export function RuleDialog({ index, rule, onClose }: RuleDialogProps) {
  const [draft, setDraft] = useState(() => draftOf(rule));
  const change = (part: Partial<Draft>) => setDraft({ ...draft, ...part });
  const saving = useAction();
  const through = async (work: () => Promise<unknown>, done: string) => {
    if (!(await saving.run(async () => void (await work())))) return;
    notify("done", done);
    renew(keys.inShop(index));
    onClose();
  };
  const save = (event: FormEvent) => {
    event.preventDefault();
    void through(() => saveRule(index, ruleOf(draft), rule?.id), `Saved ${draft.name}`);
  };
  return (
    <Dialog title={rule ? "Rule" : "New rule"} onClose={onClose}>
      <form className="stack" onSubmit={save}>
        {saving.error && <Problem error={saving.error} title="The rule was not saved" />}
        <Text label="Name" isFirst isRequired value={draft.name} onChange={(name) => change({ name })} />
        <div className="field">
          <span>What it does</span>
          <Segments name="What it does" segments={TYPES} value={draft.type} onChange={(type) => change({ type })} />
          <small>{TYPES.find(({ value }) => value === draft.type)?.hint}.</small>
        </div>
        <Effect draft={draft} onChange={change} />
        <Where draft={draft} onChange={change} />
        <When draft={draft} onChange={change} />
        <footer className="dialog-foot">
          {rule && (
            <button
              type="button"
              className="button quiet-danger"
              onClick={() => void through(() => deleteRule(index, rule.id), `Deleted ${rule.name}`)}
            >
              Delete
            </button>
          )}
          <button type="submit" className="button primary" disabled={saving.isRunning}>
            Save
          </button>
        </footer>
      </form>
    </Dialog>
  );
}

interface PartProps {
  readonly draft: Draft;
  readonly onChange: (part: Partial<Draft>) => void;
}

function Effect({ draft, onChange }: PartProps) {
  switch (draft.type) {
    case "pin":
      return (
        <Lines
          label="Pins"
          hint="A place and a product's id on each line, like: 1 p00042-v1"
          value={draft.pins}
          onChange={(pins) => onChange({ pins })}
        />
      );
    case "redirect":
      return <Text label="To" isRequired value={draft.url} onChange={(url) => onChange({ url })} />;
    default:
      return (
        <>
          <Text
            label="Products by filter"
            hint="Like: brand:(Arden) AND price:[10 TO 50]"
            value={draft.filter}
            onChange={(filter) => onChange({ filter })}
          />
          <Lines
            label="Products by id"
            hint="One on each line."
            value={draft.documentIds}
            onChange={(documentIds) => onChange({ documentIds })}
          />
          {draft.type !== "hide" && (
            <Text
              label="How much"
              hint="A factor above 1."
              value={draft.strength}
              onChange={(strength) => onChange({ strength })}
            />
          )}
        </>
      );
  }
}

const KINDS: readonly { value: Scope["kind"]; label: string }[] = [
  { value: "query", label: "A query" },
  { value: "collection", label: "A collection" },
  { value: "global", label: "Every search" },
];
const MATCHES = [
  { value: "exact", label: "The whole query" },
  { value: "contains", label: "Words in it" },
] as const;

function Where({ draft, onChange }: PartProps) {
  return (
    <>
      <div className="field">
        <span>Acts on</span>
        <Segments name="Acts on" segments={KINDS} value={draft.kind} onChange={(kind) => onChange({ kind })} />
      </div>
      {draft.kind !== "global" && (
        <Text
          label={draft.kind === "query" ? "Query" : "Collection"}
          isRequired
          value={draft.value}
          onChange={(value) => onChange({ value })}
        />
      )}
      {draft.kind === "query" && (
        <Segments
          name="How the query must match"
          segments={MATCHES}
          value={draft.match}
          onChange={(match) => onChange({ match })}
        />
      )}
    </>
  );
}

function When({ draft, onChange }: PartProps) {
  return (
    <details className="when" open={Boolean(draft.startsAt || draft.endsAt)}>
      <summary>From when, until when</summary>
      <Text
        label="From"
        type="datetime-local"
        value={draft.startsAt}
        onChange={(startsAt) => onChange({ startsAt })}
      />
      <Text label="Until" type="datetime-local" value={draft.endsAt} onChange={(endsAt) => onChange({ endsAt })} />
    </details>
  );
}

interface TextProps {
  readonly label: string;
  readonly hint?: string;
  readonly type?: string;
  readonly isRequired?: boolean;
  readonly isFirst?: boolean;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function Text({ label, hint = "", type = "text", isRequired = false, isFirst, value, onChange }: TextProps) {
  return (
    <Field label={label} hint={hint} error={undefined}>
      {(field) => (
        <input
          {...field}
          {...(isFirst ? { "data-first": true } : {})}
          type={type}
          required={isRequired}
          autoComplete="off"
          spellCheck={false}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

function Lines({ label, hint, value, onChange }: { hint: string } & Omit<TextProps, "hint">) {
  return (
    <Field label={label} hint={hint} error={undefined}>
      {(field) => (
        <textarea
          {...field}
          className="mono"
          rows={3}
          spellCheck={false}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
