"use client";
import { useSyncExternalStore } from "react";
import { keptToken, onToken, signIn, signOut } from "#client/admin/token";
import { AdminDesk } from "#components/admin/admin-desk";
import { AdminSignIn } from "#components/admin/admin-sign-in";
import { Wordmark } from "#components/ui/wordmark";

/** The admin page: sign-in first, then the desk. */
export function Admin() {
  // `null` while prerendering, which can't read this tab's storage.
  const token = useSyncExternalStore(onToken, keptToken, () => null);
  return (
    <div className="wall min-h-dvh pb-12 text-small">
      <header className="admin-column flex h-13 items-center gap-2">
        <a href="/" title="Go to the wall">
          <Wordmark />
        </a>
        <span className="me-auto text-quiet">admin</span>
        {token && (
          <button type="button" className="small-button" onClick={signOut}>
            Sign out
          </button>
        )}
      </header>
      <main className="admin-column">
        <h1 className="sr-only">Admin</h1>
        {token === "" && <AdminSignIn onToken={signIn} />}
        {token && <AdminDesk onRefused={signOut} />}
      </main>
    </div>
  );
}
