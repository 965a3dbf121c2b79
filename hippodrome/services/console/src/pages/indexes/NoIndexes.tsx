// What a newcomer sees: what an index is, and two ways to the first one.
import { Icon } from "../../parts/Icon";
import { Problem } from "../../parts/Problem";
import { useAction } from "../../state/action";
import { keys } from "../../state/keys";
import { notify } from "../../state/notices";
import { renew } from "../../state/resource";
import { go, indexPath } from "../../state/route";
import { createSample, SAMPLE_INDEX, SAMPLE_PRODUCTS, SAMPLE_QUERY } from "../../sample";

export function NoIndexes({ onCreate }: { onCreate: () => void }) {
  const sample = useAction();
  const create = async () => {
    if (!(await sample.run(createSample))) return renew(keys.indexes);
    notify("done", `Created ${SAMPLE_INDEX} with ${SAMPLE_PRODUCTS.length} products`);
    go(indexPath(SAMPLE_INDEX, { q: SAMPLE_QUERY }));
  };
  return (
    <section className="empty card">
      <Track />
      <h2>No index yet</h2>
      <p>
        An index holds documents and finds them by meaning or by their words. Begin with six sample products,
        or with an empty index of your own.
      </p>
      <div className="button-row">
        <button type="button" className="button primary" disabled={sample.isRunning} onClick={create}>
          {sample.isRunning ? "Creating the sample…" : "Create a sample index with six products"}
        </button>
        <button type="button" className="button" onClick={onCreate}>
          <Icon name="add" /> Create an empty index
        </button>
      </div>
      {sample.error && <Problem error={sample.error} title="The sample could not be created" />}
    </section>
  );
}

function Track() {
  return (
    <svg className="track" viewBox="0 0 200 96" aria-hidden="true">
      <rect x="6" y="6" width="188" height="84" rx="42" />
      <rect x="24" y="24" width="152" height="48" rx="24" />
      <rect x="42" y="42" width="116" height="12" rx="6" className="inner" />
      <circle cx="152" cy="15" r="5" />
    </svg>
  );
}
