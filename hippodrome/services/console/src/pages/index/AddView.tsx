// Documents written as JSON and sent, with what became of each.
import { type FormEvent, type KeyboardEvent, useId, useState } from "react";
import { addDocuments } from "../../api/documents";
import { readSettings } from "../../api/indexes";
import type { AddResult } from "../../api/types";
import { Problem } from "../../parts/Problem";
import { useAction } from "../../state/action";
import { keys } from "../../state/keys";
import { renew, useResource } from "../../state/resource";
import { AddResults } from "./AddResults";
import { exampleFor, parseDocuments } from "./documentsText";
import { textFields } from "./documentFields";
import { TensorFields } from "./TensorFields";

export function AddView({ name }: { name: string }) {
  const { value: settings } = useResource(keys.settings(name), (signal) => readSettings(name, signal));
  const [typed, setText] = useState<string>();
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [result, setResult] = useState<AddResult>();
  const adding = useAction();

  const text = typed ?? exampleFor(settings);
  const parsed = parseDocuments(text);
  const isStructured = settings?.type === "structured";
  const offered = textFields(parsed.documents);

  const add = async (event: FormEvent) => {
    event.preventDefault();
    if (parsed.problem !== null) return;
    setResult(undefined);
    const fields = isStructured ? null : offered.filter((field) => !left.has(field));
    await adding.run(async () => setResult(await addDocuments(name, parsed.documents, fields)));
    renew(keys.contents(name));
  };

  return (
    <section className="add" aria-label="Add documents">
      <form onSubmit={add} className="stack">
        <Editor text={text} problem={parsed.problem} onChange={setText} />
        {!isStructured && <TensorFields offered={offered} left={left} onChange={setLeft} />}
        <AddButton count={parsed.documents.length} isDisabled={adding.isRunning || parsed.problem !== null} />
      </form>
      <div className="add-outcome">
        {adding.error && <Problem error={adding.error} title="The documents were not added" />}
        {result && <AddResults name={name} result={result} />}
      </div>
    </section>
  );
}

function AddButton({ count, isDisabled }: { count: number; isDisabled: boolean }) {
  return (
    <div className="button-row start">
      <button type="submit" className="button primary" disabled={isDisabled}>
        {count === 1 ? "Add 1 document" : `Add ${count || ""} documents`}
      </button>
      <span className="hint">
        <kbd>Ctrl</kbd> <kbd>Enter</kbd>
      </span>
    </div>
  );
}

interface EditorProps {
  readonly text: string;
  readonly problem: string | null;
  readonly onChange: (text: string) => void;
}

function Editor({ text, problem, onChange }: EditorProps) {
  const id = useId();
  const sendOnCtrlEnter = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.currentTarget.form?.requestSubmit();
  };
  return (
    <div className="field">
      <label htmlFor={id}>Documents as JSON</label>
      <textarea
        id={id}
        className="mono editor"
        rows={16}
        spellCheck={false}
        value={text}
        aria-describedby={`${id}-about`}
        aria-invalid={problem !== null}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={sendOnCtrlEnter}
      />
      <small id={`${id}-about`} className={problem ? "bad-text" : ""} role={problem ? "alert" : undefined}>
        {problem ??
          "One document or a list of them. Without _id, Marqo gives one; an _id that exists is replaced."}
      </small>
    </div>
  );
}
