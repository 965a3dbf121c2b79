// One choice out of few, side by side.
import { useId } from "react";

export interface Segment<T extends string> {
  readonly value: T;
  readonly label: string;
  /** The word for it elsewhere. */
  readonly alias?: string;
  readonly hint?: string;
}

interface SegmentsProps<T extends string> {
  readonly name: string;
  readonly segments: readonly Segment<T>[];
  readonly value: T;
  readonly onChange: (value: T) => void;
}

export function Segments<T extends string>({ name, segments, value, onChange }: SegmentsProps<T>) {
  const group = useId();
  return (
    <fieldset className="segments">
      <legend className="unseen">{name}</legend>
      {segments.map((segment) => (
        <label key={segment.value} title={segment.hint}>
          <input
            type="radio"
            name={group}
            value={segment.value}
            checked={segment.value === value}
            onChange={() => onChange(segment.value)}
          />
          <span>
            {segment.label}
            {segment.alias && <small> {segment.alias}</small>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
