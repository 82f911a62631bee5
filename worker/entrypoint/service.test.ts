import { beforeEach, describe, expect, test } from "vitest";
import type { Sync } from "#schema/change";
import { makeId } from "#schema/id";
import type { Outcome } from "#schema/problem";
import type { Read } from "#schema/read";
import type { SerialisedRead } from "#schema/rpc";
import { callsBy, type WriterCalls } from "../contract/writer-calls";
import { Replica } from "./replica/replica";
import type { CommentsService } from "./service";
import { serviceWith } from "./testing";

const START = 1_790_000_000_000;
const NEWEST = { limit: 500 };

let now: number;
let sync: Sync | null;
let replica: Replica;

beforeEach(() => {
  now = START;
  replica = new Replica();
  const comment = {
    id: makeId(START, "0000000000"),
    timestamp: START,
    text: "hello",
    username: "ada",
    color: "#aabbcc",
    type: "human" as const,
    botParams: { processed: false },
  };
  const head = { store: "teststor", sequence: 1, floor: 1, rebuiltAt: START };
  sync = { ...head, window: [comment] };
});

/** The entrypoint for one request, with a rebuilder that answers `sync`, or is unavailable. */
function service(): CommentsService {
  const rebuilder = {
    sync: async () => {
      if (!sync) throw new Error("away");
      return JSON.stringify(sync);
    },
  } as unknown as WriterCalls;
  return serviceWith({
    clock: { now: () => now, sleep: () => new Promise(() => {}) },
    writer: () => rebuilder,
    replica,
  });
}

function bodyOf(outcome: Outcome<SerialisedRead>): Read | null {
  if (!outcome.ok) throw new Error(outcome.problem.detail);
  const { body } = outcome.value;
  return body && JSON.parse(new TextDecoder().decode(body));
}

describe("If-None-Match", () => {
  const etag = async () => {
    const outcome = await service().read(NEWEST);
    return outcome.ok ? outcome.value.etag : "";
  };

  test.each<[string, (tag: string) => string]>([
    ["the same tag", (tag) => tag],
    ["the same tag without W/", (tag) => tag.replace("W/", "")],
    ["the tag in a list", (tag) => `W/"other", ${tag}`],
    ["a wildcard", () => "*"],
  ])("%s returns no body", async (_, header) => {
    expect(bodyOf(await service().read(NEWEST, header(await etag())))).toBeNull();
  });

  test.each(['W/"other"', "", '"*"'])("%j returns the body", async (header) => {
    await etag();
    expect(bodyOf(await service().read(NEWEST, header))).not.toBeNull();
  });
});

test("answers are marked as spare while the rebuilder is unavailable, and not afterwards", async () => {
  const answer = async () => {
    now += 2_000;
    const outcome = await service().read(NEWEST);
    return { etag: outcome.ok && outcome.value.etag, spare: bodyOf(outcome)?.spare };
  };
  const fresh = await answer();
  const known = sync;
  sync = null;
  const away = await answer();
  expect(await service().health()).toEqual({ ok: false, reason: "away" });
  sync = known;
  const back = await answer();
  expect([fresh, away, back].map(({ spare }) => spare)).toEqual([undefined, true, undefined]);
  // A reader with one answer's tag must not get a 304 for the other.
  expect(away.etag).not.toBe(fresh.etag);
});

test("an unknown id that is young by either clock may still come", async () => {
  const answer = async (state: "absent" | "gone", ageMs: number) => {
    const refused = await serviceWith({
      clock: { now: () => now, sleep: () => new Promise(() => {}) },
      // The object's clock is hours ahead: nothing is young to it.
      writer: () => callsBy(async () => ({ state })),
      tokens: { bot: "a-bot-token-that-is-long", admin: undefined },
    }).patch({ token: "a-bot-token-that-is-long" }, makeId(now - ageMs, "0000000001"), {
      botParams: { processed: true },
    });
    return refused.ok ? 200 : refused.problem.status;
  };
  expect(await answer("absent", 1_000)).toBe(503);
  expect(await answer("absent", 11 * 60_000)).toBe(404);
  expect(await answer("gone", 1_000)).toBe(404);
});
