/**
 * Answers a page from the test, for states the real wall can't reach quickly. The test controls the
 * page's clock, so polls need no waiting (`nextPoll`).
 */
import type { BrowserContext, Page } from "@playwright/test";
import type { Comment } from "../schema/comment";
import { compareIds } from "../schema/id";
import { LIVE_PATH } from "../schema/live/messages";

const COMMENTS = "/api/comments";
const WINDOW_SIZE = 500;
const HISTORY_PAGE = 100;
const STORE = "aaaaaaaa";

interface Said {
  text: string;
  username?: string;
  color?: string;
  type?: "human" | "bot";
  replyTo?: string;
  nonce?: string;
}

export interface ScriptedWall {
  add: (said: string | Said) => void;
  /** Removes a message from the next answer to a page that asks for changes. */
  remove: (index: number) => void;
  idOf: (index: number) => string;
  commentAt: (index: number) => Comment;
  /** The queries of all reads so far. */
  reads: URLSearchParams[];
  /** Makes every cursor given out so far older than the change log. */
  forgetChanges: () => void;
  /** Bots that are here, for pages that ask. */
  bots: string[];
  /** Fails all reads with this status from now on; `null` ends that. */
  failWith: (status: number | null) => void;
}

/** A wall of `size` messages one second apart, the newest a minute old, plus those added later. */
export async function scriptedWall(
  target: Page | BrowserContext,
  size: number,
): Promise<ScriptedWall> {
  const start = Date.now() - 60_000 - size * 1_000;
  const said: Said[] = Array.from({ length: size }, (_, index) => ({
    text: `message ${index + 1}`,
  }));
  const idOf = (index: number) => `${start + index * 1_000}-${"0".repeat(10)}`;
  const comment = (index: number): Comment => {
    const {
      text,
      username = "ada",
      color = "#55c2f5",
      type = "human",
      replyTo,
      nonce,
    } = said[index] as Said;
    const timestamp = start + index * 1_000;
    const botParams = { processed: false };
    const id = idOf(index);
    const core = { id, timestamp, text, username, color, type, botParams };
    return { ...core, ...(replyTo && { replyTo }), ...(nonce && { nonce }) };
  };
  const newestFirst = (from: number, to: number) =>
    Array.from({ length: Math.max(0, to - from) }, (_, back) => comment(to - 1 - back));
  const removed: string[] = [];
  const reads: URLSearchParams[] = [];
  let failure: number | null = null;
  let firstChange = 0;

  const answerTo = (query: URLSearchParams) => {
    const since = query.get("since");
    const before = query.get("before");
    const core = {
      removed,
      cursor: `${STORE}.${said.length}`,
      rebuiltAt: Date.now(),
      gap: false,
    };
    if (before !== null) {
      const to = said.filter((_, index) => compareIds(idOf(index), before) > 0).length;
      const from = Math.max(0, to - HISTORY_PAGE);
      return {
        ...core,
        comments: newestFirst(from, to),
        nextBefore: from > 0 ? idOf(from) : null,
      };
    }
    if (since === null)
      return {
        ...core,
        comments: newestFirst(Math.max(0, said.length - WINDOW_SIZE), said.length),
      };
    const from = Number(since.split(".")[1]);
    if (from < firstChange) return { ...core, comments: [], gap: true };
    const to = Math.min(said.length, from + WINDOW_SIZE);
    const delta = { ...core, comments: newestFirst(from, to).reverse(), cursor: `${STORE}.${to}` };
    return to < said.length ? { ...delta, more: true } : delta;
  };

  const context = "context" in target ? target.context() : target;
  await context.clock.install();
  await refuseChannel(target);
  const bots: string[] = [];
  await target.route("**/api/bots", (route) =>
    route.fulfill({ json: { bots: bots.map((name) => ({ name, seenAt: Date.now() })) } }),
  );
  await target.route(`**${COMMENTS}*`, (route) => {
    if (route.request().method() !== "GET") return route.fallback();
    const { searchParams } = new URL(route.request().url());
    reads.push(searchParams);
    return failure === null
      ? route.fulfill({ json: answerTo(searchParams) })
      : route.fulfill({ status: failure });
  });
  return {
    add: (words) => void said.push(typeof words === "string" ? { text: words } : words),
    bots,
    idOf,
    commentAt: comment,
    remove: (index) => void removed.push(idOf(index)),
    reads,
    forgetChanges: () => {
      firstChange = said.length;
    },
    failWith: (status) => {
      failure = status;
    },
  };
}

/** Refuses the live channel, so that the page only polls. */
export async function refuseChannel(target: Page | BrowserContext) {
  await target.routeWebSocket(`**${LIVE_PATH}*`, (socket) => socket.close());
}
