import { time } from "#client/status/figures";
import type { Glance } from "#client/status/glance";
import { verdictOf } from "#client/status/verdict";
import { formatAge } from "#client/wall/freshness";

const TONES = {
  calm: { text: "", dot: "text-live" },
  waiting: { text: "text-quiet", dot: "text-faint" },
  alarming: { text: "text-alarm", dot: "text-alarm" },
};

const JUST_NOW_MS = 1_000;

interface VerdictLineProps {
  glance: Glance;
  now: number;
}

/**
 * The main answer of the status page. A changed headline is announced; the running seconds are not.
 */
export function VerdictLine({ glance, now }: VerdictLineProps) {
  const { tone, headline, since, isAtLeast, detail } = verdictOf(glance);
  const { checkedAt, clockAheadMs, status } = glance;
  const askedMs = Math.max(0, now - checkedAt);
  const age = since === null ? null : formatAge(Math.max(0, now + clockAheadMs - since));
  return (
    <section
      aria-label="Current status"
      data-testid="verdict"
      data-tone={tone}
      className="pt-8 pb-7"
    >
      <p role="status" className={`verdict ${TONES[tone].text}`}>
        <span aria-hidden className={`verdict-dot ${TONES[tone].dot}`} />
        {headline}
      </p>
      <p className="mt-2 text-body text-quiet tabular-nums">
        {since !== null && (
          <>
            {isAtLeast ? "For at least" : "For"} {age}, since{" "}
            <time dateTime={new Date(since).toISOString()}>{time(since)}</time>.{" "}
          </>
        )}
        {detail}
      </p>
      {status && (
        <p className="mt-1 text-small text-faint tabular-nums">
          Checked {askedMs < JUST_NOW_MS ? "just now" : `${formatAge(askedMs)} ago`} · wall{" "}
          {status.wall} · ledger {status.ledger} · version {status.version}
        </p>
      )}
    </section>
  );
}
