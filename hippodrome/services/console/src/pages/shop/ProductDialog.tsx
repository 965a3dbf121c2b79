// One product with its variants; each can be changed as JSON, or deleted.
import { type FormEvent, useState } from "react";
import { ApiError } from "../../api/error";
import { readVariants, removeDocument, saveDocument } from "../../api/shop";
import type { Product } from "../../api/shopTypes";
import { Dialog } from "../../parts/Dialog";
import { Problem } from "../../parts/Problem";
import { Waiting } from "../../parts/Waiting";
import { useAction } from "../../state/action";
import { finished } from "../../state/jobs";
import { keys } from "../../state/keys";
import { notify } from "../../state/notices";
import { renew, useResource } from "../../state/resource";
import { Picture, priceText } from "./ProductCard";

interface ProductDialogProps {
  readonly name: string;
  readonly indexId: string;
  readonly product: Product;
  readonly onClose: () => void;
}

export function ProductDialog({ name, indexId, product, onClose }: ProductDialogProps) {
  const key = keys.variants(name, product._id);
  const { value: variants, error } = useResource(key, (signal) => readVariants(indexId, product, signal));
  const [editedId, setEdited] = useState<string>();
  return (
    <Dialog title={product.productTitle ?? product._id} onClose={onClose}>
      {error && <Problem error={error} title="The variants cannot be shown" />}
      {variants === undefined && !error && <Waiting what="variants" />}
      <p>{String(variants?.[0]?.description ?? "")}</p>
      <ul className="variants">
        {variants?.map((variant) => (
          <li key={variant._id}>
            <Picture product={variant} />
            <div>
              <strong>{variant.variantTitle ?? variant._id}</strong>
              <small>
                <code>{variant._id}</code> {variant.price !== undefined && priceText(variant.price)}
              </small>
            </div>
            <button type="button" className="button" onClick={() => setEdited(variant._id)}>
              Change
            </button>
            {editedId === variant._id && (
              <Editor index={name} variant={variant} onDone={() => setEdited(undefined)} />
            )}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

interface EditorProps {
  readonly index: string;
  readonly variant: Product;
  readonly onDone: () => void;
}

function Editor({ index, variant, onDone }: EditorProps) {
  const [text, setText] = useState(() => JSON.stringify(ownFields(variant), null, 2));
  const changing = useAction();
  const through = async (work: () => Promise<{ jobId: string }>, done: string) => {
    const isDone = await changing.run(async () => finished((await work()).jobId));
    if (!isDone) return;
    notify("done", done);
    renew(keys.inShop(index));
    onDone();
  };
  const save = (event: FormEvent) => {
    event.preventDefault();
    void through(() => saveDocument(index, parsed(text)), `Changed ${variant._id}`);
  };
  const remove = () => void through(() => removeDocument(index, variant._id), `Deleted ${variant._id}`);
  return (
    <form className="stack variant-editor" onSubmit={save}>
      {changing.error && <Problem error={changing.error} title={`${variant._id} was not changed`} />}
      <textarea
        className="mono"
        rows={12}
        spellCheck={false}
        aria-label={`${variant._id} as JSON`}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <footer className="dialog-foot">
        <button type="button" className="button quiet-danger" disabled={changing.isRunning} onClick={remove}>
          Delete {variant._id}
        </button>
        <button type="submit" className="button primary" disabled={changing.isRunning}>
          {changing.isRunning ? "On its way…" : "Save"}
        </button>
      </footer>
    </form>
  );
}

/** Without what the data plane and the back office add. */
function ownFields(product: Product): Record<string, unknown> {
  const added = (field: string) => field === "ecomBucket" || (field.startsWith("_") && field !== "_id");
  return Object.fromEntries(Object.entries(product).filter(([field]) => !added(field)));
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    const message = `This is no JSON: ${(error as Error).message}`;
    throw new ApiError({ message, code: "not_json", status: 0, requestId: "not sent", service: "console" });
  }
}
