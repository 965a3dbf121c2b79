// The keys under which answers are kept.

export const keys = {
  indexes: "indexes",
  settings: (name: string): string => `index/${name}/settings`,
  stats: (name: string): string => `index/${name}/stats`,
  documents: (name: string, limit: number): string => `index/${name}/documents/${limit}`,
  document: (name: string, id: string): string => `index/${name}/document/${id}`,
  search: (name: string, request: object): string => `index/${name}/search/${JSON.stringify(request)}`,
  /** Everything that changes with the documents of an index. */
  contents: (name: string): string => `index/${name}/`,
};
