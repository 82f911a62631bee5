import { expect, test } from "vitest";
import { type LiveRequest, liveRequest } from "#schema/live/request";
import { answerUpgrade, passUpgrade } from "./upgrade";

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

test("the object gets the client's network instead of its address", async () => {
  const opened: unknown[] = [];
  const answers: Response[] = [];
  const send = async (_wall: string, request: Request) => {
    const open = async (opening: unknown) => {
      opened.push(opening);
      throw new Error("the wall can't be read");
    };
    const answer = await answerUpgrade(request, open, () => () => {});
    answers.push(answer);
    return answer;
  };
  await pass({ send });
  expect(opened).toEqual([
    { wall: "main", since: { store: "abcdefgh", sequence: 1 }, network: "2001:db8:0:0" },
  ]);
  expect(answers[0]?.status).toBe(503);
});
