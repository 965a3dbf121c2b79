// Indexes: made and listed by the controller, described by the cell.
import { fromCell, fromController } from "./client";
import type { IndexSettings, IndexStats, IndexSummary, NewIndex } from "./types";

const INDEXES = "/api/v2/indexes";

export async function listIndexes(signal?: AbortSignal): Promise<readonly IndexSummary[]> {
  const { results } = await fromController<{ results: readonly IndexSummary[] }>(
    INDEXES,
    signal ? { signal } : {},
  );
  return results.toSorted((a, b) => a.indexName.localeCompare(b.indexName));
}

export async function createIndex({ name, ...settings }: NewIndex): Promise<void> {
  await fromController(`${INDEXES}/${encodeURIComponent(name)}`, { method: "POST", body: settings });
}

export async function deleteIndex(name: string): Promise<void> {
  await fromController(`${INDEXES}/${encodeURIComponent(name)}`, { method: "DELETE" });
}

export function readSettings(name: string, signal?: AbortSignal): Promise<IndexSettings> {
  return fromCell(`/indexes/${encodeURIComponent(name)}/settings`, signal ? { signal } : {});
}

export function readStats(name: string, signal?: AbortSignal): Promise<IndexStats> {
  return fromCell(`/indexes/${encodeURIComponent(name)}/stats`, signal ? { signal } : {});
}
