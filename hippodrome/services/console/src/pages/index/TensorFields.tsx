// Which text fields become vectors.

interface TensorFieldsProps {
  readonly offered: readonly string[];
  /** Fields that the person has left out. */
  readonly left: ReadonlySet<string>;
  readonly onChange: (left: ReadonlySet<string>) => void;
}

export function TensorFields({ offered, left, onChange }: TensorFieldsProps) {
  const toggle = (field: string) => {
    const next = new Set(left);
    if (!next.delete(field)) next.add(field);
    onChange(next);
  };
  if (offered.length === 0) return null;
  return (
    <fieldset className="chips">
      <legend>Find by the meaning of</legend>
      {offered.map((field) => (
        <label key={field}>
          <input type="checkbox" checked={!left.has(field)} onChange={() => toggle(field)} />
          <span>{field}</span>
        </label>
      ))}
    </fieldset>
  );
}
