import { mutedSetting, soundSetting, useSetting } from "#client/browser/settings";
import { Dialog } from "#components/ui/dialog";

const KEYS: readonly [keys: string, deed: string][] = [
  ["Enter", "send; with Shift, a new line"],
  ["j  k", "next and previous message; arrows, too"],
  ["r", "reply to the message with the focus"],
  ["/", "search"],
  ["End", "to the newest message"],
  ["Esc", "leave the search or the reply"],
  ["?", "this help"],
];

/** Help, and the choices that are made once. */
export function HelpDialog({ onClose }: { onClose: () => void }) {
  const sound = useSetting(soundSetting);
  const muted = useSetting(mutedSetting);
  return (
    <Dialog title="Help and settings" onClose={onClose}>
      <p className="text-quiet">
        Everybody reads what you write here. There is no account: your name and colour are kept in
        this browser only.
      </p>
      <dl className="my-4 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5">
        {KEYS.map(([keys, deed]) => (
          <div key={keys} className="contents">
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{deed}</dd>
          </div>
        ))}
      </dl>
      <label className="flex items-center gap-2 py-1">
        <input
          type="checkbox"
          checked={sound}
          onChange={(event) => soundSetting.set(event.target.checked)}
        />
        A sound for messages that you have not seen
      </label>
      <p className="mt-3">
        <a href="/status" className="underline underline-offset-2">
          How the wall is doing
        </a>
      </p>
      {muted.length > 0 && (
        <>
          <h3 className="mt-3 font-semibold">Muted</h3>
          <ul className="mt-1 flex flex-wrap gap-2">
            {muted.map((name) => (
              <li key={name}>
                <button
                  type="button"
                  className="small-button"
                  onClick={() => mutedSetting.set(muted.filter((other) => other !== name))}
                >
                  Unmute <bdi>{name}</bdi>
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </Dialog>
  );
}
