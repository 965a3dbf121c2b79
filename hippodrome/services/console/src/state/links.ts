// The stack's addresses, as the dev server wrote them into the page.

export const links = {
  controller: content("controller-url"),
  cell: content("cell-url"),
  dashboard: content("dashboard-url"),
  /** Empty where the stack has no shop. */
  admin: content("admin-url"),
  search: content("search-url"),
  cognito: content("cognito-url"),
  cognitoClient: content("cognito-client-id"),
};

function content(name: string): string {
  return document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? "";
}
