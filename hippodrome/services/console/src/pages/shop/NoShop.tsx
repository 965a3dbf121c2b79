// What is said where the stack runs without the services that a page is about.
import { Code } from "../../parts/Code";

export function NoShop({ what = "a shop" }: { what?: string }) {
  return (
    <section className="empty card">
      <h2>This stack has not got {what}</h2>
      <p>The e-commerce services are not among those that run. They come with their own profile:</p>
      <Code text="./hd up --profile ecom" what="command" />
    </section>
  );
}
