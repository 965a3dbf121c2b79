// The chosen theme, set before the first paint so that the other one never flashes.
(() => {
  const KEY = "hippodrome.theme";
  const root = document.documentElement;
  const chosen = () => {
    try {
      return localStorage.getItem(KEY) || "system";
    } catch {
      return "system";
    }
  };
  const apply = (theme) => {
    if (theme === "system") delete root.dataset.theme;
    else root.dataset.theme = theme;
  };
  apply(chosen());
  window.theme = {
    chosen,
    choose(theme) {
      apply(theme);
      try {
        localStorage.setItem(KEY, theme);
      } catch {
        // A browser that keeps nothing still changes the theme of this page.
      }
    },
  };
})();
