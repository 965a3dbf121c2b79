// The page's start. No StrictMode: it doubles every request, and this dev server is what people use.
import { createRoot } from "react-dom/client";
import { App } from "./App";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/controls.css";
import "./styles/layout.css";
import "./styles/indexes.css";
import "./styles/index-page.css";
import "./styles/search.css";
import "./styles/shop.css";
import "./styles/tables.css";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
createRoot(root).render(<App />);
