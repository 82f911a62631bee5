import { failureWords, waitingWords } from "#client/api/failure-words";
import { useNow } from "#client/browser/use-now";
import type { OutgoingMessage } from "#client/wall/outbox";
import { pageWall } from "#client/wall/page-wall";
import type { Notice } from "#components/ui/toast";

const { outbox } = pageWall;

const TICK_MS = 1_000;

interface OutgoingNoticeProps {
  message: OutgoingMessage;
  onNotice: (notice: Notice) => void;
}

/** Below an unsent message: the reason, with Retry and Discard. */
export function OutgoingNotice({ message, onNotice }: OutgoingNoticeProps) {
  const { nonce, state, failure, retryAt } = message;
  if (state === "sending") return null;
  const isWaiting = state === "waiting";
  return (
    <div className={`outgoing-notice ${isWaiting ? "text-quiet" : "text-alarm"}`}>
      {isWaiting ? (
        <Countdown failure={failure} retryAt={retryAt} />
      ) : (
        <span>{failureWords(failure)}</span>
      )}
      <span className="flex gap-2">
        {!isWaiting && (
          <button type="button" className="small-button" onClick={() => outbox.retry(nonce)}>
            Retry
          </button>
        )}
        <button
          type="button"
          className="small-button"
          onClick={() => onNotice({ text: "Message discarded", undo: outbox.discard(nonce) })}
        >
          Discard
        </button>
      </span>
    </div>
  );
}

function Countdown({ failure, retryAt }: Pick<OutgoingMessage, "failure" | "retryAt">) {
  const now = useNow(TICK_MS) ?? 0;
  const seconds = retryAt === undefined ? null : Math.max(0, Math.ceil((retryAt - now) / 1_000));
  // Inside the log, which is a live region: it must not be read out every second.
  return <span aria-live="off">{waitingWords(failure, seconds)}</span>;
}
