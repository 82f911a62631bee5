/** Marks the first unread message. */
export function UnreadLine() {
  return (
    <div className="unread-line" data-testid="unread-line">
      <span aria-hidden className="h-px flex-1 bg-current" />
      New
    </div>
  );
}
