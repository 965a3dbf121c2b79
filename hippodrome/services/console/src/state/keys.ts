// The keys under which answers are kept.

export const keys = {
  indexes: "indexes",
  settings: (name: string): string => `index/${name}/settings`,
  stats: (name: string): string => `index/${name}/stats`,
  documents: (name: string, limit: number): string => `index/${name}/documents/${limit}`,
  document: (name: string, id: string): string => `index/${name}/document/${id}`,
  search: (name: string, request: object): string => `index/${name}/search/${JSON.stringify(request)}`,
  shops: "shops",
  shop: (name: string): string => `shop/${name}/head`,
  seen: (name: string, question: object): string => `shop/${name}/seen/${JSON.stringify(question)}`,
  rules: (name: string): string => `shop/${name}/rules`,
  shopSettings: (name: string): string => `shop/${name}/settings`,
  collections: (name: string): string => `shop/${name}/collections`,
  products: (name: string, page: object): string => `shop/${name}/products/${JSON.stringify(page)}`,
  variants: (name: string, product: string): string => `shop/${name}/variants/${product}`,
  inShop: (name: string): string => `shop/${name}/`,
  jobs: "jobs",
  apiKeys: "api-keys",
  /** Everything that changes with the documents of an index. */
  contents: (name: string): string => `index/${name}/`,
};
