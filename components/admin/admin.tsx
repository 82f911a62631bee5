"use client";
import { useEffect, useState } from "react";
import { keepToken, keptToken } from "#client/admin/token";
import { AdminDesk } from "#components/admin/admin-desk";
import { AdminSignIn } from "#components/admin/admin-sign-in";
import { Wordmark } from "#components/ui/wordmark";

/** The admin page: sign-in first, then the desk. */
export function Admin() {
  // `null` until this tab's storage is read, which prerendering can't do.
  const [token, setToken] = useState<string | null>(null);
  useEffect(() => setToken(keptToken()), []);
  const take = (taken: string) => {
    keepToken(taken);
    setToken(taken);
  };
  return (
    <div className="wall min-h-dvh pb-12 text-[0.875rem]">
      <header className="column flex h-13 items-center gap-2">
        <a href="/" title="Go to the wall">
          <Wordmark />
        </a>
        <span className="me-auto text-quiet">admin</span>
        {token && (
          <button type="button" className="small-button" onClick={() => take("")}>
            Sign out
          </button>
        )}
      </header>
      <main className="column">
        <h1 className="sr-only">Admin</h1>
        {token === "" && <AdminSignIn onToken={take} />}
        {token && <AdminDesk token={token} onRefused={() => take("")} />}
      </main>
    </div>
  );
}
