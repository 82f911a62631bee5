import { failureWords } from "#client/failure-words";

interface FailedNoticeProps {
  failure: unknown;
  onRetry: () => void;
  onDiscard: () => void;
}

/** Under a message that was not sent: why, and the two ways on. */
export function FailedNotice({ failure, onRetry, onDiscard }: FailedNoticeProps) {
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 pt-1 pb-1 text-[0.8125rem] text-alarm">
      <span>{failureWords(failure)}</span>
      <span className="flex gap-2">
        <button type="button" className="small-button" onClick={onRetry}>
          Retry
        </button>
        <button type="button" className="small-button" onClick={onDiscard}>
          Discard
        </button>
      </span>
    </div>
  );
}
