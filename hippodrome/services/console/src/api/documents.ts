// Documents of one index, and the search over them.
import { fromCell } from "./client";
import type { AddResult, Document, SearchRequest, SearchResult } from "./types";

/** What Marqo takes in one request. */
const BATCH = 128;

const at = (index: string, rest: string): string => `/indexes/${encodeURIComponent(index)}/${rest}`;

/** Results in the order of the documents; `tensorFields` is null for structured indexes, which have their own. */
export async function addDocuments(
  index: string,
  documents: readonly Document[],
  tensorFields: readonly string[] | null,
): Promise<AddResult> {
  const sum: { processingTimeMs: number; items: AddResult["items"][number][] } = {
    processingTimeMs: 0,
    items: [],
  };
  for (let start = 0; start < documents.length; start += BATCH) {
    const batch = documents.slice(start, start + BATCH);
    const body = tensorFields === null ? { documents: batch } : { documents: batch, tensorFields };
    const { processingTimeMs, items } = await fromCell<AddResult>(at(index, "documents"), {
      method: "POST",
      body,
    });
    sum.processingTimeMs += processingTimeMs;
    sum.items.push(...items);
  }
  return sum;
}

export function getDocument(index: string, id: string, signal?: AbortSignal): Promise<Document> {
  return fromCell(at(index, `documents/${encodeURIComponent(id)}`), signal ? { signal } : {});
}

export async function deleteDocument(index: string, id: string): Promise<void> {
  await fromCell(at(index, "documents/delete-batch"), { method: "POST", body: [id] });
}

export function search(index: string, request: SearchRequest, signal?: AbortSignal): Promise<SearchResult> {
  return fromCell(at(index, "search"), { method: "POST", body: request, ...(signal ? { signal } : {}) });
}

/** The first documents that have vectors: Marqo has no list, and an empty query is close to everything alike. */
export async function browse(
  index: string,
  limit: number,
  signal?: AbortSignal,
): Promise<readonly Document[]> {
  const { hits } = await search(index, { q: "", searchMethod: "TENSOR", limit }, signal);
  return hits.map(({ _score, _highlights, ...document }) => document);
}
