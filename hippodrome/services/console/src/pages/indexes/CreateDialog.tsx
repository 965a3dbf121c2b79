// A new index: name, kind and model, and what the API says about them.
import { type FormEvent, type ReactNode, useId, useState } from "react";
import type { ApiError } from "../../api/error";
import { createIndex } from "../../api/indexes";
import type { NewIndex } from "../../api/types";
import { Dialog } from "../../parts/Dialog";
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
  const [name, setName] = useState("");
  const [model, setModel] = useState(MODELS[0] ?? "");
  const [type, setType] = useState<NewIndex["type"]>("unstructured");
  const [fields, setFields] = useState(STRUCTURED_EXAMPLE);
  const creating = useAction();
  const said = saidOf(creating.error);

  const create = async (event: FormEvent) => {
    event.preventDefault();
    const wanted = name.trim();
    const isMade = await creating.run(async () => {
      const declared = type === "structured" ? parseFields(fields) : {};
      await createIndex({ name: wanted, model: model.trim(), type, ...declared });
    });
    if (!isMade) return;
    notify("done", `Created ${wanted}`);
    renew(keys.indexes);
    onClose();
    go(indexPath(wanted, { view: "add" }));
  };

  return (
    <Dialog title="Create an index" onClose={onClose}>
      <form onSubmit={create} className="stack">
        {creating.error && said.field === null && (
          <Problem error={creating.error} title="The index was not created" />
        )}
        <Field label="Name" hint="Letters, digits, - and _; at most 32." error={said.for("name")}>
          {(field) => (
            <input {...field} data-first required maxLength={64} autoComplete="off" spellCheck={false}
              value={name} placeholder="products" onChange={(event) => setName(event.target.value)} />
          )}
        </Field>
        <Field label="Model" hint="Turns texts into vectors. Cannot be changed later." error={said.for("model")}>
          {(field) => (
            <input {...field} className="mono" required list="models" autoComplete="off" spellCheck={false}
              value={model} onChange={(event) => setModel(event.target.value)} />
          )}
        </Field>
        <datalist id="models">{MODELS.map((one) => <option key={one} value={one} />)}</datalist>
        <div className="field">
          <span>Type</span>
          <Segments name="Type" segments={KINDS} value={type} onChange={setType} />
          <small>{KINDS.find((kind) => kind.value === type)?.hint}.</small>
        </div>
        {type === "structured" && <Fields text={fields} onChange={setFields} error={said.for("fields")} />}
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

function saidOf(error: ApiError | undefined) {
  const field = error ? fieldOf(error) : null;
  return { field, for: (name: string) => (field === name ? error?.message : undefined) };
}

function Fields({ text, onChange, error }: { text: string; onChange: (text: string) => void; error: string | undefined }) {
  return (
    <Field label="Fields" hint="allFields and tensorFields, as Marqo takes them." error={error}>
      {(field) => (
        <textarea {...field} className="mono" rows={8} spellCheck={false} value={text}
          onChange={(event) => onChange(event.target.value)} />
      )}
    </Field>
  );
}

interface FieldProps {
  readonly label: string;
  readonly hint: string;
  readonly error: string | undefined;
  readonly children: (field: { id: string; "aria-describedby": string; "aria-invalid": boolean }) => ReactNode;
}

function Field({ label, hint, error, children }: FieldProps) {
  const id = useId();
  const about = `${id}-about`;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, "aria-describedby": about, "aria-invalid": error !== undefined })}
      <small id={about} className={error ? "bad-text" : ""} role={error ? "alert" : undefined}>
        {error ?? hint}
      </small>
    </div>
  );
}
