import { type FormEvent, useState } from "react";
import { adminApi } from "#client/admin/api";
import { refusalWords } from "#client/admin/words";

interface AdminSignInProps {
  /** Called with a token that the wall accepted. */
  onToken: (token: string) => void;
}

/** Asks for the admin token and checks it with the wall. */
export function AdminSignIn({ onToken }: AdminSignInProps) {
  const [token, setToken] = useState("");
  const [problem, setProblem] = useState("");
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    try {
      await adminApi(() => token.trim()).moderation();
      onToken(token.trim());
    } catch (failure) {
      setProblem(refusalWords(failure));
    }
  };
  // The input has no name: a browser that submits the form before the script has loaded puts no token into the URL.
  return (
    <form className="mx-auto mt-12 flex max-w-[24rem] flex-col gap-3" onSubmit={submit}>
      <label className="flex flex-col gap-1.5">
        <span className="font-semibold">Admin token</span>
        <input
          type="password"
          autoComplete="off"
          required
          value={token}
          className="search-field"
          aria-describedby="token-problem"
          onChange={(event) => setToken(event.target.value)}
        />
      </label>
      <p id="token-problem" role="alert" className="text-[var(--alarm)] empty:hidden">
        {problem}
      </p>
      <button type="submit" className="small-button self-start">
        Sign in
      </button>
      <p className="text-quiet">
        This tab keeps the token until you close it, and sends it with each admin request.
      </p>
    </form>
  );
}
