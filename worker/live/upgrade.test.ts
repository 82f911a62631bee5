import { expect, test } from "vitest";
import { type LiveRequest, liveRequest } from "#schema/live/request";
import type { Opening } from "./room";
import { answerUpgrade, passUpgrade } from "./upgrade";

const BOT_TOKEN = "bot-token-0123456789abcdef";
const ADMIN_TOKEN = "admin-token-0123456789abcdef";

const ASKED: LiveRequest = {
  wall: "main",
  since: "abcdefgh.1",
  address: "2001:db8::1",
  request: "request-1",
  isUpgrade: true,
};

interface Options {
  isOn?: boolean;
  send?: (wall: string, request: Request) => Promise<Response>;
  asked?: Partial<LiveRequest>;
}

async function pass({ isOn = true, send = async () => new Response("opened"), asked }: Options) {
  const logged: unknown[] = [];
  const answer = await passUpgrade(liveRequest({ ...ASKED, ...asked }), {
    isOn,
    tokens: { bot: BOT_TOKEN, admin: ADMIN_TOKEN },
    // Every deadline passes at once.
    clock: { now: () => 0, sleep: async () => {} },
    log: (wall, request) => (event) => logged.push([wall, request, event]),
    send,
  });
  return { answer, logged };
}

test("switched off, the channel does not exist", async () => {
  const { answer } = await pass({ isOn: false });
  expect(answer.status).toBe(404);
});

test("an object that does not answer in time is refused as unavailable, and its late socket is closed", async () => {
  let closed = 0;
  let answerLate = (_answer: Response) => {};
  const send = () =>
    new Promise<Response>((resolve) => {
      answerLate = resolve;
    });
  const { answer, logged } = await pass({ send });
  expect(await answer.json()).toMatchObject({ problem: { status: 503 }, retryAfterSeconds: 1 });
  expect(logged).toEqual([["main", "request-1", "channel not opened"]]);
  const webSocket = {
    accept: () => {},
    close: () => {
      closed += 1;
    },
  };
  answerLate({ webSocket } as unknown as Response);
  await Promise.resolve();
  await Promise.resolve();
  expect(closed).toBe(1);
});

test("an object that fails is refused as unavailable", async () => {
  const { answer } = await pass({ send: () => Promise.reject(new Error("overloaded")) });
  expect(answer.status).toBe(503);
  expect(await answer.text()).not.toContain("overloaded");
});

/** The opening that the object is asked for; it then fails. */
async function openingOf(asked: Partial<LiveRequest>) {
  const opened: Opening[] = [];
  const { answer } = await pass({
    asked,
    send: (_wall, request) => {
      const open = async (opening: Opening) => {
        opened.push(opening);
        throw new Error("the wall can't be read");
      };
      return answerUpgrade(request, open, () => () => {});
    },
  });
  return { opened, answer };
}

test("the object gets the client's network instead of its address", async () => {
  const { opened, answer } = await openingOf({});
  expect(opened).toEqual([
    { wall: "main", since: { store: "abcdefgh", sequence: 1 }, network: "2001:db8:0:0" },
  ]);
  expect(answer.status).toBe(503);
});

test("a channel with entities and the bot token is a bot's", async () => {
  const { opened } = await openingOf({ entities: [" ada ", "böb"], token: BOT_TOKEN });
  expect(opened).toMatchObject([{ bots: ["ada", "böb"] }]);
});

test("a token without an entity makes no bot's channel", async () => {
  const { opened } = await openingOf({ token: BOT_TOKEN });
  expect(opened).toHaveLength(1);
  expect(opened[0]?.bots).toBeUndefined();
});

test.each([
  ["no token", ["ada"], undefined, 401],
  ["a malformed Authorization", ["ada"], "", 401],
  ["a wrong token", ["ada"], "not-the-token-0123456789", 401],
  ["the admin token", ["ada"], ADMIN_TOKEN, 403],
  ["an empty entity", ["ada", " "], BOT_TOKEN, 400],
  ["too long an entity", ["x".repeat(65)], BOT_TOKEN, 400],
  ["too many entities", Array.from({ length: 11 }, (_, n) => `bot-${n}`), BOT_TOKEN, 400],
])("a channel with an entity and %s is refused", async (_title, entities, token, status) => {
  const { opened, answer } = await openingOf({ entities, token });
  expect(opened).toEqual([]);
  expect(answer.status).toBe(status);
  const errors = status === 400 ? { errors: [{ pointer: "?entity" }] } : {};
  expect(await answer.json()).toMatchObject({ problem: { status, ...errors } });
});
