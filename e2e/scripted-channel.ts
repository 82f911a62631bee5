/**
 * A wall with a live channel that the test scripts: reads, frames and posts come from one list of messages.
 * The test controls the page's clock.
 */
import type { BrowserContext, Page, WebSocketRoute } from "@playwright/test";
import type { Comment } from "../schema/comment";
import { LIVE_PATH } from "../schema/live/messages";
import { type ScriptedWall, scriptedWall } from "./scripted-wall";

const AUDIT_S = 60;

export interface ScriptedChannel {
  wall: ScriptedWall;
  /** The sockets opened so far, oldest first. */
  sockets: { url: URL; isOpen: () => boolean; received: string[] }[];
  /** Adds a message and tells the open sockets. */
  say: (said: Parameters<ScriptedWall["add"]>[0]) => void;
  /** Tells the open sockets anything. */
  hint: (message: object) => void;
  /** Closes the open sockets, as a deploy does. */
  drop: () => void;
  /** Refuses new sockets from now on, or accepts them again. */
  refuse: (refused: boolean) => void;
  /** From now on the sockets are open and neither say nor answer anything. */
  fallSilent: () => void;
  /** Whether a post is answered. */
  answerPosts: (answered: boolean) => void;
}

/** A wall of `size` messages with a channel. */
export async function scriptedChannel(
  target: Page | BrowserContext,
  size: number,
): Promise<ScriptedChannel> {
  const wall = await scriptedWall(target, size);
  const open = new Set<WebSocketRoute>();
  const sockets: ScriptedChannel["sockets"] = [];
  let count = size;
  let isRefused = false;
  let isSilent = false;
  let isAnswered = true;
  const cursor = (sequence: number) => `aaaaaaaa.${sequence}`;
  const frame = (from: number, to: number) => ({
    since: cursor(from),
    comments: Array.from({ length: to - from }, (_, index) => wall.commentAt(from + index)),
    removed: [],
    cursor: cursor(to),
    rebuiltAt: Date.now(),
    gap: false,
  });
  const tell = (message: object) => {
    if (isSilent) return;
    for (const socket of open) socket.send(JSON.stringify(message));
  };

  // Registered after the one that refuses, so it comes first.
  await target.routeWebSocket(`**${LIVE_PATH}*`, (socket) => {
    if (isRefused) return socket.close();
    const url = new URL(socket.url());
    const received: string[] = [];
    sockets.push({ url, received, isOpen: () => open.has(socket) });
    open.add(socket);
    socket.onClose(() => open.delete(socket));
    socket.onMessage((message) => {
      received.push(String(message));
      if (isSilent) return;
      if (message === "ping") return socket.send("pong");
      const { post } = JSON.parse(String(message));
      if (!post) return;
      wall.add({ text: post.text, username: post.username, nonce: post.nonce });
      count += 1;
      const comment: Partial<Comment> = wall.commentAt(count - 1);
      if (isAnswered) {
        socket.send(JSON.stringify({ posted: post.nonce, comment, created: true }));
        tell(frame(count - 1, count));
      }
    });
    const from = Number(url.searchParams.get("since")?.split(".")[1]);
    if (!isSilent)
      socket.send(JSON.stringify({ ...frame(from, count), auditS: AUDIT_S, posts: true }));
  });
  return {
    wall,
    sockets,
    hint: tell,
    say: (said) => {
      wall.add(said);
      count += 1;
      tell(frame(count - 1, count));
    },
    drop: () => {
      for (const socket of open) void socket.close({ code: 1012 });
      open.clear();
    },
    refuse: (refused) => {
      isRefused = refused;
    },
    fallSilent: () => {
      isSilent = true;
    },
    answerPosts: (answered) => {
      isAnswered = answered;
    },
  };
}
