import { previewWords } from "#client/admin/words";
import type { SenderPreview as Preview } from "#schema/moderation";

/** How much a sender sent that day, and the newest of it: an admin sees a whole network behind one address. */
export function SenderPreview({ sender }: { sender: Preview }) {
  return (
    <div className="mt-2 ps-6 text-quiet">
      <p className="[overflow-wrap:anywhere]">{previewWords(sender)}</p>
      <ul className="mt-1 flex flex-col gap-1">
        {sender.newest.map(({ id, username, text }) => (
          <li key={id} className="line-clamp-2 [overflow-wrap:anywhere]">
            <bdi className="font-semibold">{username}</bdi> <bdi>{text}</bdi>
          </li>
        ))}
      </ul>
    </div>
  );
}
