import { mutedSetting } from "#client/browser/settings";
import { setLink } from "#client/chat/link";
import { type Author, withMute, withoutMute } from "#client/chat/mutes";
import { useOwn } from "#client/kept/use-own";
import { pageWall } from "#client/wall/page-wall";
import type { RowActions } from "#components/message/row-actions";
import type { Notice } from "#components/ui/toast";

interface MessageActionsProps {
  /** The row's label says whose message it is and when it was written. */
  id: string;
  /** The reader's own message can't be muted. */
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
  const author = pageWall.store.get(id);
  const buttons: [words: string, act: (id: string) => void][] = [
    ["Reply", actions.reply],
    ["Copy link", (copied) => void copyLink(copied).then(actions.notify)],
  ];
  if (author && !isOwn) buttons.push(["Mute", () => actions.notify(mute(author))]);
  buttons.push(canTakeDown ? ["Take down", actions.takeDown] : ["Report", actions.report]);
  return (
    <span className="message-actions" aria-live="off">
      {buttons.map(([words, act]) => (
        <button key={words} type="button" aria-describedby={id} onClick={() => act(id)}>
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
