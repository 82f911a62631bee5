/** Hints on the live channel: who is here, which bots are present, and who is answering. */
import { expect, test } from "vitest";
import { BOT, newWall } from "../wall";
import { type Channel, openChannel } from "./channel";

const ada = { bot: "ada-q08blvzg", seconds: 30, name: "ada" };

/** Waits for the newest hint of a kind. */
function expectHint(channel: Channel, hint: unknown): Promise<unknown> {
  return channel.until(() => expect(channel.hints).toContainEqual(hint));
}

test("browsers learn how many they are and which bots are present", async () => {
  const wall = newWall();
  const first = await openChannel(wall);
  await first.until(() => expect(first.hints).toEqual([{ here: 1 }, { bots: [] }]));
  const second = await openChannel(wall);
  await expectHint(first, { here: 2 });
  await expectHint(second, { here: 2 });
  await wall.pending({ entity: "ada" }, BOT);
  await openChannel(wall, { entities: ["bob"], token: BOT.token });
  for (const channel of [first, second]) await expectHint(channel, { bots: ["ada", "bob"] });
  const third = await openChannel(wall);
  await expectHint(third, { bots: ["ada", "bob"] });
  await expectHint(third, { here: 3 });
  second.socket.close();
  third.socket.close();
  await first.until(() => expect(first.hints.at(-1)).toEqual({ here: 1 }));
});

test.each([
  ["released", (wall: ReturnType<typeof newWall>, id: string) => wall.release(id, ada.bot)],
  ["processed", (wall: ReturnType<typeof newWall>, id: string) => wall.patch(id)],
  ["removed", (wall: ReturnType<typeof newWall>, id: string) => wall.remove(id)],
  [
    "answered",
    (wall: ReturnType<typeof newWall>, replyTo: string) =>
      wall.post({ text: "Yes", type: "bot", replyTo, nonce: "reply-hnp0lalq0c" }, BOT),
  ],
] as const)("an answer is announced until its message is %s", async (_title, end) => {
  const wall = newWall();
  const { id } = await wall.post({ text: "Is anybody there?" });
  const channel = await openChannel(wall);
  const claimed = await wall.tryClaim(id, ada);
  const { claimedUntil: until } = claimed.ok ? claimed.value.botParams : {};
  await expectHint(channel, { answering: { id, name: "ada", until } });
  const late = await openChannel(wall);
  await expectHint(late, { answering: { id, name: "ada", until } });
  await end(wall, id);
  for (const each of [channel, late])
    await expectHint(each, { answering: { id, name: "ada", until: 0 } });
});

test("a claim without a name, or of a bot without a token, is not announced", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: "Is anybody there?" });
  const channel = await openChannel(wall);
  expect(await wall.tryClaim(id, ada, {})).toMatchObject({ problem: { status: 401 } });
  await wall.claim(id, "silent-0q08blvz");
  await wall.pending({ entity: "last" }, BOT);
  await expectHint(channel, { bots: ["last"] });
  expect(channel.hints).toEqual([{ here: 1 }, { bots: [] }, { bots: ["last"] }]);
});

test.each(["", " ", "seventeen letters", 7])("a claim by the name %j is refused", async (name) => {
  const wall = newWall();
  const { id } = await wall.post({ text: "Is anybody there?" });
  expect(await wall.tryClaim(id, { ...ada, name })).toMatchObject({
    problem: { status: 400, errors: [{ pointer: "/name" }] },
  });
});

test("a claim's name costs no row, and is forgotten with a restart", async () => {
  const wall = newWall();
  const ids: string[] = [];
  for (const text of ["one", "two"]) ids.push((await wall.post({ text })).id);
  // On `kv` this journals the messages.
  await wall.arrived(2);
  const written = async (body: object, id = "") => {
    const before = (await wall.status()).operations.row_written ?? 0;
    expect(await wall.tryClaim(id, body)).toMatchObject({ ok: true });
    return ((await wall.status()).operations.row_written ?? 0) - before;
  };
  const { name: _, ...silent } = ada;
  expect(await written(ada, ids[0])).toBe(await written(silent, ids[1]));
  await wall.evict();
  const channel = await openChannel(wall);
  await channel.until(() => expect(channel.hints).toEqual([{ here: 1 }, { bots: [] }]));
  await wall.tryClaim(ids[0] ?? "", ada);
  await channel.until(() =>
    expect(channel.hints.at(-1)).toMatchObject({ answering: { id: ids[0], name: "ada" } }),
  );
});
