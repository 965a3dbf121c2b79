// The shapes that the back office and the search gateway send and take.
import type { Document } from "./types";

export interface ShopIndex {
  readonly name: string;
  readonly indexId: string;
  readonly status: string;
  readonly createdAt: number;
}

export interface Product extends Document {
  readonly _id: string;
  readonly productTitle?: string;
  readonly variantTitle?: string;
  readonly variantImageUrl?: string;
  readonly price?: number;
  readonly parentProductId?: string;
}

export type FacetCounts = Readonly<
  Record<string, { readonly count?: number; readonly min?: number; readonly max?: number; readonly avg?: number }>
>;

export interface ShopAnswer {
  readonly hits: readonly Product[];
  readonly totalHits?: number;
  readonly facets?: Readonly<Record<string, FacetCounts>>;
  readonly redirect?: string;
}

export interface Sort {
  readonly fieldName: string;
  readonly order: "asc" | "desc";
}

export interface ShopQuestion {
  readonly q: string;
  readonly collection: string;
  readonly filter: string;
  readonly sort: Sort | null;
  readonly limit: number;
}

export const RULE_TYPES = ["pin", "boost", "bury", "hide", "redirect"] as const;
export type RuleType = (typeof RULE_TYPES)[number];

export interface Scope {
  readonly kind: "query" | "collection" | "global";
  readonly value?: string;
  readonly match?: "exact" | "contains";
}

export interface Pin {
  readonly id: string;
  /** Counts from 1. */
  readonly position: number;
}

export interface NewRule {
  readonly name: string;
  readonly type: RuleType;
  readonly enabled: boolean;
  readonly scope: Scope;
  readonly pins?: readonly Pin[];
  readonly documentIds?: readonly string[];
  readonly filter?: string;
  readonly strength?: number;
  readonly url?: string;
  readonly startsAt?: string;
  readonly endsAt?: string;
}

export interface Rule extends NewRule {
  readonly id: string;
  readonly version: number;
  /** Seconds since the epoch. */
  readonly updatedAt: number;
}

export interface ShopSettings {
  readonly searchableFields: Readonly<Record<string, number>>;
  readonly facets: Readonly<Record<string, object>>;
  readonly defaultSort: readonly Sort[] | null;
  readonly collapse: boolean;
  readonly synonyms: readonly (readonly string[])[];
  readonly redirects: readonly { readonly query: string; readonly url: string }[];
  readonly tensorFields: readonly string[];
}

export type JobStatus = "queued" | "running" | "succeeded" | "partial" | "failed" | "stopped";

export interface Job {
  readonly jobId: string;
  readonly kind: string;
  readonly index: string;
  readonly status: JobStatus;
  readonly total: number | null;
  readonly done: number;
  readonly failed: number;
  readonly errors: readonly { readonly _id?: string; readonly message: string; readonly code?: string }[];
  /** Seconds since the epoch. */
  readonly createdAt: number;
}

export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly scope: "admin" | "read-write" | "read";
  readonly createdAt: string;
}

export interface Collection {
  readonly id: string;
  readonly displayName: string;
  readonly products: number;
}
