interface NewMessagesPillProps {
  count: number;
  isHidden: boolean;
  onClick: () => void;
}

/** Shown while the newest message is out of view: how many new messages are below, and a jump to them. */
export function NewMessagesPill({ count, isHidden, onClick }: NewMessagesPillProps) {
  if (isHidden) return null;
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
