// The frame of every page, and which page is in it.
import { type ReactNode, useEffect, useRef } from "react";
import { IndexPage } from "./pages/index/IndexPage";
import { IndexesPage } from "./pages/indexes/IndexesPage";
import { JobsPage } from "./pages/jobs/JobsPage";
import { KeysPage } from "./pages/keys/KeysPage";
import { InShopPage } from "./pages/shop/InShopPage";
import { ShopsPage } from "./pages/shop/ShopsPage";
import { SignInPage } from "./pages/SignInPage";
import { UnknownPage } from "./pages/UnknownPage";
import { Header } from "./parts/Header";
import { Notices } from "./parts/Notices";
import { Rescue } from "./parts/Rescue";
import { useSlashKey } from "./state/slashKey";
import { type PLAIN_PAGES, type Route, useRoute } from "./state/route";

export function App() {
  const route = useRoute();
  const main = useFocusOnArrival(placeOf(route));
  useSlashKey();
  return (
    <>
      <a className="skip-link" href="#main" onClick={() => main.current?.focus()}>
        Skip to the content
      </a>
      <Header page={route.page} />
      <main id="main" ref={main} tabIndex={-1}>
        <Rescue key={location.pathname}>
          <Page route={route} />
        </Rescue>
      </main>
      <Notices />
    </>
  );
}

function Page({ route }: { route: Route }) {
  if (route.page === "index") return <IndexPage key={route.name} route={route} />;
  if (route.page === "in-shop") return <InShopPage key={route.name} route={route} />;
  if (route.page === "unknown") return <UnknownPage />;
  const Plain = PLAIN[route.page];
  return <Plain />;
}

const PLAIN: Record<(typeof PLAIN_PAGES)[number], () => ReactNode> = {
  indexes: IndexesPage,
  shop: ShopsPage,
  jobs: JobsPage,
  keys: KeysPage,
  "sign-in": SignInPage,
};

function placeOf(route: Route): string {
  return "name" in route ? route.name : route.page;
}

/** Moves the focus to the new page, as a browser does, but leaves it alone on the first. */
function useFocusOnArrival(place: string) {
  const main = useRef<HTMLElement>(null);
  const last = useRef(place);
  useEffect(() => {
    if (last.current !== place && !main.current?.contains(document.activeElement)) {
      main.current?.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
    last.current = place;
  }, [place]);
  return main;
}
