interface MessageActionsProps {
  onReply: () => void;
  onMute: () => void;
}

/** What can be done about a message; shown for the one under the pointer or with the focus. */
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
