interface MessageActionsProps {
  onReply: () => void;
  onMute: () => void;
}

/** Actions on a message; shown on hover and focus. */
export function MessageActions({ onReply, onMute }: MessageActionsProps) {
  return (
    <span className="message-actions">
      <button type="button" onClick={onReply}>
        Reply
      </button>
      <button type="button" onClick={onMute}>
        Mute
      </button>
    </span>
  );
}
