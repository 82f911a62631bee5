interface NewMessagesPillProps {
  count: number;
  isAtBottom: boolean;
  onClick: () => void;
}

/** For a reader further up: how many came below, and the way there. */
export function NewMessagesPill({ count, isAtBottom, onClick }: NewMessagesPillProps) {
  if (isAtBottom) return null;
  return (
    <button type="button" className="pill" onClick={onClick}>
      {count > 0 ? newMessages(count) : "To the newest"}
      <span aria-hidden> ↓</span>
    </button>
  );
}

export function newMessages(count: number): string {
  return count === 1 ? "1 new message" : `${count} new messages`;
}
