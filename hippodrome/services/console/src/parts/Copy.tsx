// A button that copies a text.
import { useState } from "react";
import { notify } from "../state/notices";
import { Icon } from "./Icon";

const CONFIRMED_MS = 1_500;

export function Copy({ text, what }: { text: string; what: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      return notify("failed", "The browser does not allow copying here");
    }
    setCopied(true);
    setTimeout(() => setCopied(false), CONFIRMED_MS);
  };
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={`Copy ${what}`}
      title={`Copy ${what}`}
      onClick={copy}
    >
      <Icon name={isCopied ? "check" : "copy"} />
    </button>
  );
}
