// A text to be copied into a terminal or a program.
import { Copy } from "./Copy";

export function Code({ text, what }: { text: string; what: string }) {
  return (
    <div className="code">
      <pre tabIndex={0} aria-label={what}>
        {text}
      </pre>
      <Copy text={text} what={what} />
    </div>
  );
}
