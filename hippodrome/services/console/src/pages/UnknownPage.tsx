// The page for an address that leads nowhere.
import { Link } from "../parts/Link";
import { useTitle } from "../state/title";

export function UnknownPage() {
  useTitle("No such page");
  return (
    <section className="empty">
      <h1>No such page</h1>
      <p>Nothing is kept at {location.pathname}.</p>
      <Link href="/" className="button primary">
        All indexes
      </Link>
    </section>
  );
}
