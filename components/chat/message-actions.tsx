import type { ReactNode } from "react";

interface MessageActionsProps {
  /** Id of the row, whose label says whose message it is and when it was written. */
  rowId: string;
  onReply: () => void;
  onCopyLink: () => void;
  /** `undefined` for one's own message. */
  onMute: (() => void) | undefined;
  /** Further buttons. */
  children?: ReactNode;
}

/**
 * Actions on a message. Rendered only while its row is pointed at or has the focus: buttons in a new
 * row would be read out with its text.
 */
export function MessageActions(props: MessageActionsProps) {
  const { rowId, onReply, onCopyLink, onMute, children } = props;
  return (
    <span className="message-actions">
      <button type="button" aria-describedby={rowId} onClick={onReply}>
        Reply
      </button>
      <button type="button" aria-describedby={rowId} onClick={onCopyLink}>
        Copy link
      </button>
      {onMute && (
        <button type="button" aria-describedby={rowId} onClick={onMute}>
          Mute
        </button>
      )}
      {children}
    </span>
  );
}
