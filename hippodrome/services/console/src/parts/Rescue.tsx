// What is shown in the place of a page that broke.
import { Component, type ReactNode } from "react";

interface RescueProps {
  readonly children: ReactNode;
}

/** Give it a `key` that changes with the page, so that another page is not held back by this one's fault. */
export class Rescue extends Component<RescueProps, { fault: Error | null }> {
  override state: { fault: Error | null } = { fault: null };

  static getDerivedStateFromError(fault: Error) {
    return { fault };
  }

  override render() {
    const { fault } = this.state;
    if (fault === null) return this.props.children;
    return (
      <section className="empty" role="alert">
        <h1>This page broke</h1>
        <p>That is a fault of the console, not of what you did.</p>
        <code>{String(fault)}</code>
        <button type="button" className="button primary" onClick={() => location.reload()}>
          Load it again
        </button>
      </section>
    );
  }
}
