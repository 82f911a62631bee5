import { mutedSetting, soundSetting, useSetting } from "#client/browser/settings";
import { tintOf } from "#client/chat/tint";
import { Dialog } from "#components/ui/dialog";

const KEYS: readonly [keys: string, act: string][] = [
  ["Enter", "Send (Shift+Enter for a new line)"],
  ["c", "Write a message"],
  ["@", "In a message: name a bot or a person"],
  ["j  k", "Next or previous message (arrow keys work too)"],
  ["r", "Reply to the focused message"],
  ["→  ←", "Links and buttons of the focused message"],
  ["/", "Search; Enter leads to the results"],
  ["Home  End", "Oldest loaded or newest message"],
  ["Esc", "Back to the messages; cancel the reply, close the search"],
  ["?", "Show this help"],
];

/** Help, keyboard shortcuts and settings. */
export function HelpDialog({ onClose }: { onClose: () => void }) {
  const sound = useSetting(soundSetting);
  const muted = useSetting(mutedSetting);
  return (
    <Dialog title="Help and settings" onClose={onClose}>
      <p className="text-quiet">
        Everyone can read what you write here. There are no accounts: your name and colour are saved
        only in this browser.
      </p>
      <div className="keys">
        <dl className="my-4 flex flex-col gap-y-1.5">
          {KEYS.map(([keys, act]) => (
            <div key={keys} className="flex flex-wrap gap-x-4">
              <dt className="w-20">
                <kbd>{keys}</kbd>
              </dt>
              <dd className="min-w-0 flex-[1_1_8rem]">{act}</dd>
            </div>
          ))}
        </dl>
      </div>
      <label className="flex items-center gap-2 py-1">
        <input
          type="checkbox"
          checked={sound}
          onChange={(event) => soundSetting.set(event.target.checked)}
        />
        Play a sound for new messages
      </label>
      <p className="mt-3">
        <a href="/status" className="underline underline-offset-2">
          Wall status
        </a>
      </p>
      {muted.length > 0 && (
        <>
          <h3 className="mt-3 font-semibold">Muted</h3>
          <ul className="mt-1 flex flex-wrap gap-2">
            {muted.map((mute) => (
              <li key={`${mute.username} ${mute.color}`}>
                <button
                  type="button"
                  className="small-button"
                  onClick={() => mutedSetting.set(muted.filter((other) => other !== mute))}
                >
                  Unmute{" "}
                  <bdi className="message border-0 text-tint" style={tintOf(mute.color ?? "")}>
                    {mute.username}
                  </bdi>
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </Dialog>
  );
}
