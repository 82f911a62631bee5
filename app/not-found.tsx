import type { Metadata } from "next";
import { Wordmark } from "#components/ui/wordmark";

export const metadata: Metadata = { title: "Not found · saywhatwant" };

export default function NotFound() {
  return (
    <main className="wall flex h-dvh flex-col items-center justify-center gap-3 text-center">
      <Wordmark />
      <h1 className="text-[1.75rem] font-semibold tracking-[-0.025em]">Page not found</h1>
      <p className="text-quiet">The link may be wrong. Everything is on the wall.</p>
      <a href="/" className="small-button mt-2">
        Go to the wall
      </a>
    </main>
  );
}
