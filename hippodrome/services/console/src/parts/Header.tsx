// The top of every page: where one can go, who one is, theme.
import { useEffect, useState } from "react";
import { links } from "../state/links";
import { notify } from "../state/notices";
import { renew } from "../state/resource";
import type { Route } from "../state/route";
import { signOut, usePerson } from "../state/session";
import { useStored } from "../state/stored";
import { THEMES, type Theme, theme } from "../state/theme";
import { Icon } from "./Icon";
import { KeyDialog } from "./KeyDialog";
import { onOpenKeyDialog } from "./keyDialog";
import { Link } from "./Link";

const PAGES: readonly { href: string; label: string; pages: readonly Route["page"][] }[] = [
  { href: "/", label: "Indexes", pages: ["indexes", "index"] },
  { href: "/shop", label: "Shop", pages: ["shop", "in-shop"] },
  { href: "/jobs", label: "Jobs", pages: ["jobs"] },
  { href: "/keys", label: "API keys", pages: ["keys"] },
];

export function Header({ page }: { page: Route["page"] }) {
  return (
    <header className="top">
      <Link href="/" className="brand" aria-label="Hippodrome console, all indexes">
        <img src="/icon.svg" alt="" width="28" height="28" />
        <span>
          Hippodrome <small>console</small>
        </span>
      </Link>
      {links.admin && <Pages page={page} />}
      <nav className="tools" aria-label="Stack">
        {links.dashboard && (
          <a className="quiet-button" href={links.dashboard} title="State and logs of every service">
            <Icon name="outside" />
            <span>Dashboard</span>
          </a>
        )}
        <Who />
        <ThemeButton />
      </nav>
    </header>
  );
}

function Pages({ page }: { page: Route["page"] }) {
  return (
    <nav className="pages" aria-label="Pages">
      {PAGES.map(({ href, label, pages }) => (
        <Link key={href} href={href} aria-current={pages.includes(page) ? "page" : undefined}>
          {label}
        </Link>
      ))}
    </nav>
  );
}

/** Who asks: the person who has signed in, or else the key. */
function Who() {
  const person = usePerson();
  const [isKeyOpen, setKeyOpen] = useState(false);
  useEffect(() => onOpenKeyDialog(() => setKeyOpen(true)), []);
  if (person) return <Person email={person.email} />;
  return (
    <>
      <button type="button" className="quiet-button" title="API key" onClick={() => setKeyOpen(true)}>
        <Icon name="key" />
        <span>API key</span>
      </button>
      {links.cognitoClient && (
        <Link href="/sign-in" className="quiet-button" title="Sign in">
          <Icon name="person" />
          <span>Sign in</span>
        </Link>
      )}
      {isKeyOpen && <KeyDialog onClose={() => setKeyOpen(false)} />}
    </>
  );
}

function Person({ email }: { email: string }) {
  const leave = async () => {
    await signOut();
    renew("");
    notify("done", "Signed out");
  };
  return (
    <button type="button" className="quiet-button" title={`Sign out ${email}`} onClick={leave}>
      <Icon name="person" />
      <span className="email">{email}</span>
      <span>· Sign out</span>
    </button>
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
