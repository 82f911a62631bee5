/** Interrupted work: the disk refuses the end of a move, or a wall is cleared during an undo. */
import { expect, test } from "vitest";
import type { CallName } from "#schema/calls";
import { CHANGE_LOG_SIZE } from "#schema/limits";
import { CacheRebuilder } from "#worker/writer/object";
import { PLATFORM } from "#worker/writer/surroundings";
import { eventually } from "../eventually";
import { refusing } from "../refusing-disk";
import { env, newWall, onKv, suffix, type Wall } from "../wall";

/** A call that may fail; over RPC the runtime would report its failure, too. */
const callIn = (wall: Wall, object: CacheRebuilder) => (name: CallName, args: unknown[]) =>
  object.call({ wall: wall.name, request: "test" }, name, args);

/** Moves a wall until the disk refuses the end. Only the move has read the returned id's key. */
async function moveInVain(wall: Wall): Promise<string> {
  await wall.writer().move();
  // No rebuild lists the key of a lost notice before the move reads it.
  await wall.inObject((_object, { storage }) => storage.deleteAlarm());
  const { id } = await wall.store({ timestamp: Date.now(), suffix: suffix(999_999) });
  const refused = () =>
    eventually(() =>
      wall.inObject((object) => expect(callIn(wall, object)("move", [])).rejects.toThrow("full")),
    );
  await refusing(wall, ["UPDATE ON head"], refused);
  return id;
}

onKv(
  "a comment that only the move has read is shown, though the disk refused its end",
  async () => {
    const wall = newWall();
    const first = await wall.post({ text: "first" });
    const lost = await moveInVain(wall);
    await eventually(async () =>
      expect(await wall.writer().move()).toMatchObject({ phase: "done" }),
    );
    expect((await wall.newest()).map(({ id }) => id)).toEqual([lost, first.id]);
  },
);

onKv(
  "a wall whose journal is full when the disk refuses the end of its move opens again",
  async () => {
    const wall = newWall();
    const { id } = await wall.post({ text: "first" });
    await wall.inObject(async (object) => {
      const call = callIn(wall, object);
      // With the message, all changes of a generation but the one that the move's end adds.
      for (let n = 2; n < CHANGE_LOG_SIZE; n += 1) await call("patch", [id, n % 2 === 0]);
    });
    const lost = await moveInVain(wall);
    // Before the move goes on, a bot answers.
    await wall.patch(id);
    await wall.evict();
    expect((await wall.newest()).map((comment) => comment.id)).toEqual([lost, id]);
  },
  60_000,
);

/** The pause between two steps of an undo, in ms. */
const UNDO_PAUSE_MS = 20;

test("an undo that is under way when the wall is cleared ends", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: "removed" });
  await eventually(async () => expect(await wall.newest()).toHaveLength(1));
  await wall.remove(id);
  const { undo = [] } = await wall.moderation();
  await wall.inObject(async (_object, state) => {
    let readings = 0;
    const clock = {
      // An endless loop would stop the test, too.
      now: () => {
        readings += 1;
        if (readings > 10_000) throw new Error("the undo never ends");
        return Date.now();
      },
      sleep: async (ms: number) => {
        if (ms === UNDO_PAUSE_MS) await call("clear", []);
        else await new Promise(() => {});
      },
    };
    const call = callIn(wall, new CacheRebuilder(state, env, { ...PLATFORM, clock }));
    expect(await call("undoRemoval", [undo[0]?.id])).toMatchObject({ restored: 1 });
  });
});
