// The fields of a document as a list of names and values.
import { Marked } from "./Marked";
import type { Marks } from "./marks";
import { textOf } from "./documentFields";

export function Fields({ entries, marks = {} }: { entries: readonly [string, unknown][]; marks?: Marks }) {
  if (entries.length === 0) return null;
  return (
    <dl className="fields">
      {entries.map(([field, value]) => (
        <div key={field}>
          <dt>{field}</dt>
          <dd>
            <Marked text={textOf(value)} marks={marks[field] ?? []} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
