import { pageWall } from "#client/wall/page-wall";

/** The message that a dialog is about. Nothing if it is gone or not loaded. */
export function RowExcerpt({ id }: { id: string }) {
  const message = pageWall.store.get(id);
  if (!message) return null;
  return (
    <p className="line-clamp-6 [overflow-wrap:anywhere]">
      <bdi className="font-semibold">{message.username}</bdi> <bdi>{message.text}</bdi>
    </p>
  );
}
