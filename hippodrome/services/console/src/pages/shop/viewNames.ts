// The views of a shop, as people read them.
import type { ShopView } from "../../state/shopRoute";

export const VIEW_NAMES: Record<ShopView, string> = {
  shopper: "As shoppers see it",
  catalogue: "Catalogue",
  rules: "Rules",
  settings: "Settings",
};
