import type { ReactNode } from "react";

interface MessageActionsProps {
  onReply: () => void;
  onMute: () => void;
  /** Further buttons. */
  children?: ReactNode;
}

/** Actions on a message; shown on hover and focus. */
export function MessageActions({ onReply, onMute, children }: MessageActionsProps) {
  return (
    <span className="message-actions">
      <button type="button" onClick={onReply}>
        Reply
      </button>
      <button type="button" onClick={onMute}>
        Mute
      </button>
      {children}
    </span>
  );
}
