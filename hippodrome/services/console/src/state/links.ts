// The stack's addresses, as the dev server wrote them into the page.

export const links = {
  controller: content("controller-url"),
  cell: content("cell-url"),
  dashboard: content("dashboard-url"),
};

function content(name: string): string {
  return document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? "";
}
