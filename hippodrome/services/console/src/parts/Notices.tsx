// What was done, said in a corner and to screen readers.
import { dismiss, useNotices } from "../state/notices";
import { Icon } from "./Icon";

export function Notices() {
  return (
    <div className="notices" role="status" aria-live="polite">
      {useNotices().map(({ id, kind, text }) => (
        <div key={id} className={`notice ${kind}`}>
          <Icon name={kind === "done" ? "check" : "alert"} />
          <span>{text}</span>
          <button type="button" className="icon-button" aria-label="Dismiss" onClick={() => dismiss(id)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
