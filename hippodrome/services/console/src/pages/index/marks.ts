// The pieces of a hit's fields that made it a hit.
import type { Hit, SearchRequest } from "../../api/types";
import { plainFields } from "./documentFields";

/** Pieces of text to be marked, by field. */
export type Marks = Readonly<Record<string, readonly string[]>>;

/** What the cell highlights; lexical answers have no highlights, so there the words of the query. */
export function marksOf(hit: Hit, { q, searchMethod }: SearchRequest): Marks {
  if (searchMethod === "TENSOR") return highlighted(hit);
  const words = q.match(/[\p{L}\p{N}]+/gu) ?? [];
  return Object.fromEntries(plainFields(hit).map(([field]) => [field, words]));
}

function highlighted(hit: Hit): Marks {
  const marks: Record<string, string[]> = {};
  for (const highlight of hit._highlights ?? []) {
    for (const [field, piece] of Object.entries(highlight)) (marks[field] ??= []).push(piece);
  }
  return marks;
}

export interface Piece {
  readonly text: string;
  readonly isMarked: boolean;
}

/** `text` in pieces; marks of one word count as whole words, in any case. */
export function split(text: string, marks: readonly string[]): Piece[] {
  const patterns = marks.filter((mark) => mark.trim() !== "").map(patternOf);
  if (patterns.length === 0) return [{ text, isMarked: false }];
  const parts = text.split(new RegExp(`(${patterns.join("|")})`, "giu"));
  return parts
    .map((part, at) => ({ text: part, isMarked: at % 2 === 1 }))
    .filter((piece) => piece.text !== "");
}

function patternOf(mark: string): string {
  const literal = mark.trim().replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
  return /^[\p{L}\p{N}]+$/u.test(mark) ? `(?<![\\p{L}\\p{N}])${literal}(?![\\p{L}\\p{N}])` : literal;
}
