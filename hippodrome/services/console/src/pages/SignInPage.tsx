// Signing in with a user of the stack's pool; a user whom an administrator made chooses a password first.
import { type FormEvent, useState } from "react";
import { answerChallenge, type Challenge, initiate, isChallenge, type Outcome } from "../api/cognito";
import { Field } from "../parts/Field";
import { Problem } from "../parts/Problem";
import { useAction } from "../state/action";
import { links } from "../state/links";
import { notify } from "../state/notices";
import { renew } from "../state/resource";
import { go } from "../state/route";
import { signedIn } from "../state/session";
import { useTitle } from "../state/title";
import { NoShop } from "./shop/NoShop";

export function SignInPage() {
  useTitle("Sign in");
  if (!links.cognitoClient) return <NoShop what="users who could sign in" />;
  return (
    <section className="sign-in card">
      <h1>Sign in</h1>
      <p className="lede">With a user of this stack's pool. Nobody else's password belongs here.</p>
      <SignInForm />
      <p className="hint">
        The stack comes with <code>local@example.com</code> and <code>Local-Passw0rd!</code>
      </p>
    </section>
  );
}

function SignInForm() {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [challenge, setChallenge] = useState<Challenge>();
  const signing = useAction();

  const settle = (outcome: Outcome) => {
    setPassword("");
    if (isChallenge(outcome)) return setChallenge(outcome);
    signedIn(outcome.AuthenticationResult);
    renew("");
    notify("done", `Signed in as ${email}`);
    go("/");
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const answer = () =>
      challenge ? answerChallenge(challenge, email, password) : initiate(email.trim(), password);
    void signing.run(async () => settle(await answer()));
  };
  return (
    <form className="stack" onSubmit={submit}>
      {signing.error && <Problem error={signing.error} title="Not signed in" />}
      <Field label="E-mail" hint="" error={undefined}>
        {(field) => (
          <input
            {...field}
            type="email"
            autoComplete="username"
            required
            disabled={challenge !== undefined}
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        )}
      </Field>
      <Field
        label={challenge ? "New password" : "Password"}
        hint={challenge ? "The first one was to be used once." : ""}
        error={undefined}
      >
        {(field) => (
          <input
            {...field}
            key={challenge ? "new" : "known"}
            type="password"
            autoComplete={challenge ? "new-password" : "current-password"}
            required
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        )}
      </Field>
      <button type="submit" className="button primary" disabled={signing.isRunning}>
        {signing.isRunning ? "Signing in…" : "Sign in"}
      </button>
    </form>
  );
}
