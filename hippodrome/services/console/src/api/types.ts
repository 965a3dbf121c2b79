// The shapes that controller and cell send and take.

export type IndexStatus = "CREATING" | "READY" | "MODIFYING" | "DELETING" | "DELETED" | "FAILED";

/** One index as the controller lists it; every value may be missing or null. */
export interface IndexSummary {
  readonly indexName: string;
  readonly indexStatus: IndexStatus;
  readonly marqoEndpoint?: string | null;
  readonly model?: string | null;
  readonly type?: string | null;
  readonly Created?: string | null;
  readonly errorMsg?: string | null;
  readonly docsCount?: number | string | null;
  readonly "docs.count"?: string | null;
}

export interface NewIndex {
  readonly name: string;
  readonly model: string;
  readonly type: "unstructured" | "structured";
  /** Structured indexes only. */
  readonly allFields?: readonly FieldSetting[];
  readonly tensorFields?: readonly string[];
}

export interface FieldSetting {
  readonly name: string;
  readonly type: string;
  readonly features?: readonly string[];
}

export interface IndexSettings {
  readonly type?: string;
  readonly model?: string;
  readonly normalizeEmbeddings?: boolean;
  readonly vectorNumericType?: string;
  readonly filterStringMaxLength?: number;
  readonly textPreprocessing?: { splitLength: number; splitOverlap: number; splitMethod: string };
  readonly annParameters?: { spaceType: string; parameters: { efConstruction: number; m: number } };
  readonly allFields?: readonly FieldSetting[];
  readonly tensorFields?: readonly string[];
}

export interface IndexStats {
  readonly numberOfDocuments: number;
  readonly numberOfVectors: number;
  readonly backend?: { memoryUsedPercentage?: number | null; storageUsedPercentage?: number | null };
}

export type Document = Readonly<Record<string, unknown>>;

export interface DocumentResult {
  readonly _id: string;
  readonly status: number;
  readonly message?: string;
  readonly error?: string;
  readonly code?: string;
}

export interface AddResult {
  readonly processingTimeMs: number;
  readonly items: readonly DocumentResult[];
}

export type SearchMethod = "TENSOR" | "LEXICAL";

export interface SearchRequest {
  readonly q: string;
  readonly searchMethod: SearchMethod;
  readonly limit: number;
  readonly filter?: string;
}

export type Hit = Document & {
  readonly _id: string;
  readonly _score: number;
  readonly _highlights?: readonly Readonly<Record<string, string>>[];
};

export interface SearchResult {
  readonly hits: readonly Hit[];
  readonly processingTimeMs: number;
}
