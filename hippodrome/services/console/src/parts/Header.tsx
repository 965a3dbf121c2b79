// The top of every page: home, dashboard, API key, theme.
import { useEffect, useState } from "react";
import { links } from "../state/links";
import { useStored } from "../state/stored";
import { THEMES, type Theme, theme } from "../state/theme";
import { Icon } from "./Icon";
import { KeyDialog } from "./KeyDialog";
import { onOpenKeyDialog } from "./keyDialog";
import { Link } from "./Link";

export function Header() {
  const [isKeyOpen, setKeyOpen] = useState(false);
  useEffect(() => onOpenKeyDialog(() => setKeyOpen(true)), []);
  return (
    <header className="top">
      <Link href="/" className="brand" aria-label="Hippodrome console, all indexes">
        <img src="/icon.svg" alt="" width="28" height="28" />
        <span>
          Hippodrome <small>console</small>
        </span>
      </Link>
      <nav aria-label="Stack">
        {links.dashboard && (
          <a className="quiet-button" href={links.dashboard} title="State and logs of every service">
            <Icon name="outside" />
            <span>Dashboard</span>
          </a>
        )}
        <button type="button" className="quiet-button" title="API key" onClick={() => setKeyOpen(true)}>
          <Icon name="key" />
          <span>API key</span>
        </button>
        <ThemeButton />
      </nav>
      {isKeyOpen && <KeyDialog onClose={() => setKeyOpen(false)} />}
    </header>
  );
}

const NAMES: Record<Theme, string> = { system: "as the system", light: "light", dark: "dark" };

function ThemeButton() {
  const chosen = useStored(theme);
  const at = Math.max(0, THEMES.indexOf(chosen as Theme));
  const now = THEMES[at] ?? "system";
  const next = THEMES[(at + 1) % THEMES.length] ?? "system";
  return (
    <button
      type="button"
      className="quiet-button"
      aria-label={`Theme: ${NAMES[now]}. Change to ${NAMES[next]}.`}
      title={`Theme: ${NAMES[now]}`}
      onClick={() => theme.set(next)}
    >
      <Icon name={now} />
    </button>
  );
}
