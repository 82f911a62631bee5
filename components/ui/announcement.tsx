import { useEffect, useState } from "react";

/** A text that changes with each key is announced after this long without a change. */
const QUIET_MS = 1_000;

/** Tells screen readers, and nobody else, a text that changes often. */
export function Announcement({ text }: { text: string }) {
  const [said, setSaid] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSaid(text), QUIET_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <span role="status" className="sr-only">
      {said}
    </span>
  );
}
