interface MessageActionsProps {
  onReply: () => void;
  onCopyLink: () => void;
  /** `undefined` for one's own message. */
  onMute: (() => void) | undefined;
}

/** Actions on a message; shown on hover and focus. */
export function MessageActions({ onReply, onCopyLink, onMute }: MessageActionsProps) {
  return (
    <span className="message-actions">
      <button type="button" onClick={onReply}>
        Reply
      </button>
      <button type="button" onClick={onCopyLink}>
        Copy link
      </button>
      {onMute && (
        <button type="button" onClick={onMute}>
          Mute
        </button>
      )}
    </span>
  );
}
