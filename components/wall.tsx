"use client";
import type { Words } from "#client/outbox";
import { tintOf } from "#client/tint";
import { useIdentity } from "#client/use-identity";
import { useStickToBottom } from "#client/use-stick-to-bottom";
import { useWall } from "#client/use-wall";
import { Composer } from "#components/composer";
import { FreshnessLine } from "#components/freshness-line";
import { MessageLog } from "#components/message-log";
import { Wordmark } from "#components/wordmark";

/** The page: what was said above, what one says below. */
export function Wall() {
  const { rows, loaded, failing, freshness, send, retry, discard } = useWall();
  const { scroller, content, toBottom } = useStickToBottom();
  const identity = useIdentity();

  const say = (words: Words) => {
    send(words);
    // One's own words are worth leaving the past for.
    toBottom();
  };

  return (
    <div
      className="wall grid h-dvh grid-rows-[auto_minmax(0,1fr)_auto]"
      style={tintOf(identity.color)}
    >
      <header className="border-line border-b">
        <div className="column flex h-13 items-center justify-between gap-4">
          <h1>
            <Wordmark />
          </h1>
          <FreshnessLine freshness={freshness} loaded={loaded} failing={failing} />
        </div>
      </header>
      <main ref={scroller} className="overflow-y-auto overscroll-contain">
        <MessageLog
          content={content}
          rows={rows}
          loaded={loaded}
          onRetry={retry}
          onDiscard={discard}
        />
      </main>
      <footer className="column pt-1 pb-[max(0.75rem,env(safe-area-inset-bottom))]">
        <Composer identity={identity} onSend={say} />
      </footer>
    </div>
  );
}
