/** The beat of a wall: by lists of its keys on the `kv` ledger, by its changes on `sqlite`. */
import { type Beat, ListingBeat } from "./beat";
import { ChangeBeat } from "./change-beat";
import { Search } from "./keys/search";
import type { WriterParts } from "./parts";
import type { Publisher } from "./publisher";
import type { Sequencer } from "./sequencer";
import type { Restored } from "./state/state";

interface BeatSubjects {
  restored: Restored;
  sequencer: Sequencer;
  publisher: Publisher;
  tidy: () => void;
}

export function newBeat(
  parts: WriterParts,
  { restored, sequencer, publisher, tidy }: BeatSubjects,
): Beat {
  const { clock, ledger, messages, alarm, operations, meter, log, live } = parts;
  const { state, rebuiltAt, readUntil } = restored;
  const count = () => state.view.window.length;
  if (messages) return new ChangeBeat({ ...parts, publisher, tidy, messages: count });
  const hasArrived = (id: string) => sequencer.hasArrived(id);
  // The rows of an earlier release don't say how far it read: as far as it rebuilt.
  const readBefore = readUntil || rebuiltAt;
  const search = new Search({ clock, ledger, state, hasArrived, readBefore });
  return new ListingBeat({
    clock,
    alarm,
    operations,
    meter,
    log,
    rebuiltAt,
    isFollowed: () => live?.isFollowing ?? false,
    work: {
      bring: async () => {
        for (const comment of await search.findNew()) sequencer.arrive(comment);
        return sequencer.commit();
      },
      rebuilt: () => live?.rebuilt(),
      publish: () => publisher.publish(),
      sweep: () => search.sweep(),
      readUntil: () => search.readUntil,
      tidy,
      isSettled: () => publisher.dueAt === null && state.unwritten.size === 0,
      outcome: () => ({ messages: count(), skipped: search.skipped }),
    },
  });
}
