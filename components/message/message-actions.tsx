import { useLayoutEffect, useRef } from "react";
import { mutedSetting } from "#client/browser/settings";
import { senderName } from "#client/chat/identity";
import { setLink } from "#client/chat/link";
import { type Author, isMuted, withMute, withoutMute } from "#client/chat/mutes";
import { useIdentity } from "#client/chat/use-identity";
import { useOwn } from "#client/kept/use-own";
import { pageWall } from "#client/wall/page-wall";
import type { RowActions } from "#components/message/row-actions";
import type { Notice } from "#components/ui/toast";
import { ANONYMOUS } from "#schema/limits";

interface MessageActionsProps {
  /** The row's label says whose message it is and when it was written. */
  id: string;
  /** Looks like the reader's own. */
  isOwn: boolean;
  actions: RowActions;
}

/**
 * Actions on a message. Rendered only while its row is pointed at or has the focus: buttons in a new
 * row would be read out with its text.
 */
export function MessageActions({ id, isOwn, actions }: MessageActionsProps) {
  // For 10 minutes after it was sent from this browser.
  const canTakeDown = useOwn(id) !== undefined;
  const element = useRef<HTMLSpanElement>(null);
  // Above the log's top row the header would cover them.
  useLayoutEffect(() => {
    const topOf = (part?: Element | null) => part?.getBoundingClientRect().top ?? 0;
    const actions = element.current;
    actions?.toggleAttribute("data-below", topOf(actions) < topOf(actions.closest("main")));
  }, []);
  const { name, color } = useIdentity();
  const author = pageWall.store.get(id);
  const self = { username: senderName(name) ?? ANONYMOUS, color };
  const buttons: [words: string, act: (id: string) => void][] = [
    ["Reply", actions.reply],
    ["Copy link", (copied) => void copyLink(copied).then(actions.notify)],
  ];
  // A mute of the reader's own name and colour would hide the reader's messages too.
  if (author && !isOwn && !isMuted([author], self))
    buttons.push(["Mute", () => actions.notify(mute(author))]);
  buttons.push(canTakeDown ? ["Take down", actions.takeDown] : ["Report", actions.report]);
  return (
    <span ref={element} className="message-actions" aria-live="off">
      {buttons.map(([words, act]) => (
        <button
          key={words}
          type="button"
          aria-describedby={id}
          // After a mute the next row's buttons lie under the pointer: a double click is one click.
          onClick={({ detail }) => detail > 1 || act(id)}
        >
          {words}
        </button>
      ))}
    </span>
  );
}

function mute(author: Author): Notice {
  const change = (by: typeof withMute) => mutedSetting.set(by(mutedSetting.snapshot(), author));
  change(withMute);
  return { text: `Muted ${author.username}`, undo: () => change(withoutMute) };
}

async function copyLink(id: string): Promise<Notice> {
  try {
    await navigator.clipboard.writeText(`${location.origin}${location.pathname}#${id}`);
    return { text: "Link copied" };
  } catch {
    // Forbidden, or missing where the page is not served securely.
    setLink(id);
    return { text: "Couldn't copy. The link is in the address bar" };
  }
}
