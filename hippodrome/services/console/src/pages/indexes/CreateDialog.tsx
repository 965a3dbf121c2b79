// A new index: name, kind and model, and what the API says about them.
import { type FormEvent, useState } from "react";
import type { ApiError } from "../../api/error";
import { createIndex } from "../../api/indexes";
import type { NewIndex } from "../../api/types";
import { Dialog } from "../../parts/Dialog";
import { Field } from "../../parts/Field";
import { Problem } from "../../parts/Problem";
import { Segments } from "../../parts/Segments";
import { useAction } from "../../state/action";
import { keys } from "../../state/keys";
import { notify } from "../../state/notices";
import { renew } from "../../state/resource";
import { go, indexPath } from "../../state/route";
import { fieldOf } from "./fieldOf";
import { parseFields, STRUCTURED_EXAMPLE } from "./fields";

const MODELS = [
  "hf/e5-base-v2",
  "hf/e5-small-v2",
  "hf/e5-large-v2",
  "hf/all-MiniLM-L6-v2",
  "open_clip/ViT-B-32/laion2b_s34b_b79k",
  "open_clip/ViT-L-14/laion2b_s32b_b82k",
];

const KINDS = [
  { value: "unstructured", label: "Unstructured", hint: "Fields come with the documents" },
  { value: "structured", label: "Structured", hint: "Fields are declared now" },
] as const;

export function CreateDialog({ onClose }: { onClose: () => void }) {
  const { draft, change, creating, create } = useDraft(onClose);
  const said = saidOf(creating.error);
  return (
    <Dialog title="Create an index" onClose={onClose}>
      <form onSubmit={create} className="stack">
        {creating.error && said.field === null && (
          <Problem error={creating.error} title="The index was not created" />
        )}
        <Name value={draft.name} onChange={(name) => change({ name })} error={said.for("name")} />
        <Model value={draft.model} onChange={(model) => change({ model })} error={said.for("model")} />
        <div className="field">
          <span>Type</span>
          <Segments name="Type" segments={KINDS} value={draft.type} onChange={(type) => change({ type })} />
          <small>{KINDS.find((kind) => kind.value === draft.type)?.hint}.</small>
        </div>
        {draft.type === "structured" && (
          <Fields value={draft.fields} onChange={(fields) => change({ fields })} error={said.for("fields")} />
        )}
        <footer className="dialog-foot">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button primary" disabled={creating.isRunning}>
            {creating.isRunning ? "Creating…" : "Create index"}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}

interface Draft {
  readonly name: string;
  readonly model: string;
  readonly type: NewIndex["type"];
  /** JSON text; structured indexes only. */
  readonly fields: string;
}

const BLANK: Draft = { name: "", model: MODELS[0] ?? "", type: "unstructured", fields: STRUCTURED_EXAMPLE };

function useDraft(onClose: () => void) {
  const [draft, setDraft] = useState(BLANK);
  const creating = useAction();
  const create = async (event: FormEvent) => {
    event.preventDefault();
    const name = draft.name.trim();
    if (!(await creating.run(() => createFrom({ ...draft, name })))) return;
    notify("done", `Created ${name}`);
    renew(keys.indexes);
    onClose();
    go(indexPath(name, { view: "add" }));
  };
  return { draft, change: (part: Partial<Draft>) => setDraft({ ...draft, ...part }), creating, create };
}

async function createFrom({ name, model, type, fields }: Draft): Promise<void> {
  const declared = type === "structured" ? parseFields(fields) : {};
  await createIndex({ name, model: model.trim(), type, ...declared });
}

function saidOf(error: ApiError | undefined) {
  const field = error ? fieldOf(error) : null;
  return { field, for: (name: string) => (field === name ? error?.message : undefined) };
}

interface InputProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly error: string | undefined;
}

function Name({ value, onChange, error }: InputProps) {
  return (
    <Field label="Name" hint="Letters, digits, - and _; at most 32." error={error}>
      {(field) => (
        <input
          {...field}
          data-first
          required
          autoComplete="off"
          spellCheck={false}
          placeholder="products"
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

function Model({ value, onChange, error }: InputProps) {
  return (
    <Field label="Model" hint="Turns texts into vectors. Cannot be changed later." error={error}>
      {(field) => (
        <>
          <input
            {...field}
            className="mono"
            required
            list="models"
            autoComplete="off"
            spellCheck={false}
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
          <datalist id="models">
            {MODELS.map((model) => (
              <option key={model} value={model} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  );
}

function Fields({ value, onChange, error }: InputProps) {
  return (
    <Field label="Fields" hint="allFields and tensorFields, as Marqo takes them." error={error}>
      {(field) => (
        <textarea
          {...field}
          className="mono"
          rows={8}
          spellCheck={false}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
