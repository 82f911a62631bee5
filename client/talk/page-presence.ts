/** The page's presence. Loaded after the first paint. */
import type { PresentBots } from "#schema/bots";
import { json, request } from "../api/request";
import { pageWall } from "../wall/page-wall";
import { answering } from "./answering";
import { Presence } from "./presence";

export const presence = new Presence({
  store: pageWall.store,
  now: Date.now,
  readBots: async () => {
    const { bots } = await json<PresentBots>(await request("/api/bots", {}));
    return bots.map(({ name }) => name);
  },
});

presence.subscribe(() => answering.set(presence.snapshot().answering));
pageWall.onHint = presence.hear;
