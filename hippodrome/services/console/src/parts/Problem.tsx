// An error as a person needs it: what happened, which code and request, and what to do.
import type { ApiError } from "../api/error";
import { links } from "../state/links";
import { Icon } from "./Icon";
import { openKeyDialog } from "./keyDialog";

export function Problem({ error, title }: { error: ApiError; title: string }) {
  return (
    <section className="problem" role="alert">
      <Icon name="alert" />
      <div>
        <h3>{title}</h3>
        <p>{error.message}</p>
        <Mend error={error} />
        <dl className="problem-facts">
          <Fact name="code" value={error.code} />
          {error.status > 0 && <Fact name="status" value={String(error.status)} />}
          <Fact name="request" value={error.requestId} />
        </dl>
      </div>
    </section>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <code>{value}</code>
      </dd>
    </div>
  );
}

function Mend({ error }: { error: ApiError }) {
  if (error.isRefusedKey) {
    return (
      <p>
        <button type="button" className="link-button" onClick={openKeyDialog}>
          Check the API key
        </button>{" "}
        that this console sends.
      </p>
    );
  }
  if (error.service === "console")
    return (
      <p>
        Start it with <code>./hd up</code>; this page goes on by itself.
      </p>
    );
  if (error.isUnreachable) return <WhenAway />;
  return null;
}

function WhenAway() {
  return (
    <p>
      {links.dashboard ? (
        <>
          See why in the <a href={links.dashboard}>dashboard</a>, or with <code>./hd ps</code>.
        </>
      ) : (
        <>
          See why with <code>./hd ps</code>.
        </>
      )}{" "}
      This page tries again by itself.
    </p>
  );
}
