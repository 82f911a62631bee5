interface NewMessagesPillProps {
  count: number;
  isAtBottom: boolean;
  onClick: () => void;
}

/** Shown while the reader is scrolled up: how many new messages are below, and a jump to them. */
export function NewMessagesPill({ count, isAtBottom, onClick }: NewMessagesPillProps) {
  if (isAtBottom) return null;
  return (
    <button type="button" className="pill" onClick={onClick}>
      <span>{count > 0 ? newMessages(count) : "Jump to newest"}</span>
      <span aria-hidden> ↓</span>
    </button>
  );
}

export function newMessages(count: number): string {
  return count === 1 ? "1 new message" : `${count} new messages`;
}
