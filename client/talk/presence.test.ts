import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Comment } from "#schema/comment";
import { WallStore } from "../wall/wall-store";
import { ANSWER_VALID_MS, ASK_AFTER_FAILURE_MS, ASK_EVERY_MS, Presence } from "./presence";

const START = 1_700_000_000_000;
const ID = "1700000000000-0000000000";

beforeEach(() => void vi.useFakeTimers({ now: START }));
afterEach(() => void vi.useRealTimers());

const QUESTION: Comment = {
  id: ID,
  timestamp: START,
  text: "hello",
  username: "mira",
  color: "#55c2f5",
  type: "human",
  botParams: { processed: false },
};
const ANSWER: Comment = { ...QUESTION, id: "1700000000001-0000000000", type: "bot", replyTo: ID };

function presence(readBots = vi.fn(async (): Promise<readonly string[]> => ["ada"])) {
  const store = new WallStore();
  store.confirm(QUESTION);
  return { readBots, store, presence: new Presence({ store, now: Date.now, readBots }) };
}

const nameOf = (here: Presence) => here.snapshot().answering.get(ID);

test("hints of the channel replace what was known, and go with it", () => {
  const { presence: here } = presence();
  expect(here.snapshot()).toEqual({ bots: null, here: null, answering: new Map() });
  here.hear({ here: 3 });
  here.hear({ bots: ["ada", "tide"] });
  here.hear({ here: 4 });
  expect(here.snapshot()).toMatchObject({ bots: ["ada", "tide"], here: 4 });
  here.hear({ bots: [] });
  expect(here.snapshot()).toMatchObject({ bots: [], here: 4 });
  here.hear({ answering: { id: ID, name: "ada", until: START + 60_000 } });
  here.hear(null);
  expect(here.snapshot()).toEqual({ bots: [], here: null, answering: new Map() });
  here.hear(null);
  vi.advanceTimersByTime(ANSWER_VALID_MS);
  expect(here.snapshot().bots).toBeNull();
  expect(nameOf(here)).toBeUndefined();
});

describe("an answer on its way", () => {
  const answering = (until: number) => ({ answering: { id: ID, name: "ada", until } });

  test("is shown until its claim ends, and longer if the claim is extended", () => {
    const { presence: here } = presence();
    here.hear(answering(START + 20_000));
    vi.advanceTimersByTime(19_000);
    expect(nameOf(here)).toBe("ada");
    here.hear(answering(START + 40_000));
    vi.advanceTimersByTime(19_000);
    expect(nameOf(here)).toBe("ada");
    const heard = vi.fn();
    here.subscribe(heard);
    vi.advanceTimersByTime(3_000);
    expect(nameOf(here)).toBeUndefined();
    expect(heard).toHaveBeenCalledOnce();
  });

  test("goes when the bot gives it back", () => {
    const { presence: here } = presence();
    here.hear(answering(START + 20_000));
    here.hear(answering(0));
    expect(nameOf(here)).toBeUndefined();
  });

  test.each([
    ["its answer", ANSWER],
    ["the message as processed", { ...QUESTION, botParams: { processed: true } }],
  ])("goes with %s, before the hint or after it", (_what, comment) => {
    const { presence: here, store } = presence();
    here.hear(answering(START + 20_000));
    expect(nameOf(here)).toBe("ada");
    const read = { removed: [], cursor: "aaaaaaaa.1", rebuiltAt: START, gap: false };
    store.accept({ ...read, comments: [comment] }, {});
    expect(nameOf(here)).toBeUndefined();
    here.hear(answering(START + 20_000));
    expect(nameOf(here)).toBeUndefined();
  });

  test.each([
    ["fast", START - 3_600_000, 5_000],
    ["slow", START + 3_600_000, 300_000],
  ])("stays a bounded time if this computer's clock is %s", (_how, until, stays) => {
    const { presence: here } = presence();
    here.hear(answering(until));
    vi.advanceTimersByTime(stays - 1);
    expect(nameOf(here)).toBe("ada");
    vi.advanceTimersByTime(1);
    expect(nameOf(here)).toBeUndefined();
  });
});

describe("without a channel", () => {
  test("the page asks at most every 30 s, and believes an answer for two minutes", async () => {
    const { presence: here, readBots } = presence();
    await here.ask();
    await here.ask();
    expect(readBots).toHaveBeenCalledOnce();
    expect(here.snapshot().bots).toEqual(["ada"]);
    vi.advanceTimersByTime(ASK_EVERY_MS);
    await here.ask();
    expect(readBots).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(ANSWER_VALID_MS);
    expect(here.snapshot().bots).toBeNull();
  });

  test("a wall that can't answer is left alone for five minutes", async () => {
    const { presence: here, readBots } = presence(
      vi.fn(async () => {
        throw new Error("503");
      }),
    );
    await here.ask();
    vi.advanceTimersByTime(ASK_AFTER_FAILURE_MS - 1);
    await here.ask();
    expect(readBots).toHaveBeenCalledOnce();
    expect(here.snapshot().bots).toBeNull();
    vi.advanceTimersByTime(1);
    await here.ask();
    expect(readBots).toHaveBeenCalledTimes(2);
  });

  test("a channel that can't be opened takes no answer away", async () => {
    const { presence: here } = presence();
    await here.ask();
    here.hear(null);
    expect(here.snapshot().bots).toEqual(["ada"]);
  });

  test("a page whose channel tells the bots asks nothing, and overrules an answer on its way", async () => {
    const { presence: here, readBots } = presence();
    const asking = here.ask();
    here.hear({ bots: ["tide"] });
    await asking;
    expect(here.snapshot().bots).toEqual(["tide"]);
    vi.advanceTimersByTime(ASK_EVERY_MS);
    await here.ask();
    expect(readBots).toHaveBeenCalledOnce();
  });
});
