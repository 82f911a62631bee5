"use client";
import { useNow } from "#client/browser/use-now";
import { endOf } from "#client/status/plot";
import { useGlance } from "#client/status/use-glance";
import { CostPanel } from "#components/status/cost-panel";
import { FreePanel } from "#components/status/free-panel";
import { KeyFigures } from "#components/status/key-figures";
import { LastHour } from "#components/status/last-hour";
import { LivePanel } from "#components/status/live-panel";
import { VerdictLine } from "#components/status/verdict-line";
import { Wordmark } from "#components/ui/wordmark";

const TICK_MS = 1_000;

/** The status page: verdict, last hour and cost. */
export function StatusPage() {
  const glance = useGlance();
  const now = useNow(TICK_MS) ?? 0;
  const { status, history, cost, clockAheadMs } = glance;
  // Changes once a minute, so the plots redraw once a minute.
  const end = endOf(history, now + clockAheadMs);
  return (
    <div className="wall status min-h-dvh pb-16 text-small">
      <header className="status-column flex h-13 items-center gap-2">
        <a href="/" title="Go to the wall">
          <Wordmark />
        </a>
        <span className="me-auto text-quiet">status</span>
        <a href="/" className="small-button">
          Go to the wall
        </a>
      </header>
      <main className="status-column">
        <h1 className="sr-only">Wall status</h1>
        <VerdictLine glance={glance} now={now} />
        {status && <KeyFigures status={status} history={history} />}
        {status && <LastHour history={history} ledger={status.ledger} end={end} />}
        {status?.live && <LivePanel live={status.live} status={status} />}
        {status && (
          <div className="panels">
            <CostPanel cost={cost} history={history} />
            <FreePanel cost={cost} />
          </div>
        )}
      </main>
    </div>
  );
}
