// A text with the pieces that matched made visible.
import { split } from "./marks";

export function Marked({ text, marks }: { text: string; marks: readonly string[] }) {
  return split(text, marks).map((piece, at) =>
    piece.isMarked ? <mark key={at}>{piece.text}</mark> : piece.text,
  );
}
