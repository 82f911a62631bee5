import { memo } from "react";
import type { OutgoingMessage } from "#client/outbox";
import type { Shown } from "#client/timeline";
import { tintOf } from "#client/tint";
import { FailedNotice } from "#components/failed-notice";
import { MessageTime } from "#components/message-time";

interface MessageRowProps {
  message: Shown;
  outgoing?: OutgoingMessage | undefined;
  startsGroup: boolean;
  onRetry: (nonce: string) => void;
  onDiscard: (nonce: string) => void;
}

/** One message. What people wrote is only ever a text node. */
export const MessageRow = memo(function MessageRow({
  message,
  outgoing,
  startsGroup,
  onRetry,
  onDiscard,
}: MessageRowProps) {
  const { timestamp, text, username, color, type } = message;
  return (
    <article
      data-state={outgoing?.state ?? "sent"}
      data-type={type}
      className={`message group relative ps-4 ${startsGroup ? "mt-4 first:mt-0" : ""}`}
      style={tintOf(color)}
    >
      {startsGroup && (
        <header className="flex items-baseline gap-2 pb-0.5">
          <bdi className="min-w-0 truncate text-[0.875rem] font-semibold text-tint">{username}</bdi>
          {type === "bot" && (
            <span className="self-center rounded-sm border border-line px-1 text-[0.6875rem] leading-4 text-quiet">
              bot
            </span>
          )}
          <MessageTime timestamp={timestamp} className="shrink-0" />
        </header>
      )}
      <p dir="auto" className="message-text">
        {text}
      </p>
      {!startsGroup && (
        <MessageTime
          timestamp={timestamp}
          className="absolute end-0 top-0.5 bg-ground ps-2 opacity-0 group-hover:opacity-100"
        />
      )}
      {outgoing?.state === "failed" && (
        <FailedNotice
          failure={outgoing.failure}
          onRetry={() => onRetry(outgoing.nonce)}
          onDiscard={() => onDiscard(outgoing.nonce)}
        />
      )}
    </article>
  );
});
