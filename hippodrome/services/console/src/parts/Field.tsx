// A labelled input with a hint below it, which an error takes the place of.
import { type ReactNode, useId } from "react";

interface FieldProps {
  readonly label: string;
  readonly hint: string;
  readonly error: string | undefined;
  readonly children: (field: {
    id: string;
    "aria-describedby": string;
    "aria-invalid": boolean;
  }) => ReactNode;
}

export function Field({ label, hint, error, children }: FieldProps) {
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
