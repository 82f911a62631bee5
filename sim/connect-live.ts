/** How a page gets its live channel: through the shipped entrypoint, with what may go wrong on the way. */
import { parseCursor } from "#schema/cursor";
import { LIVE_PATH } from "#schema/live/messages";
import { LIVE_HEADERS } from "#schema/live/request";
import type { Outcome } from "#schema/problem";
import type { Opening } from "#worker/live/room";
import { passUpgrade } from "#worker/live/upgrade";
import type { Random } from "../scripts/command/random.mjs";
import type { Faults } from "./faults";
import type { Scheduler } from "./platform/scheduler";
import type { Connection } from "./platform/sockets";
import type { Trace } from "./trace";

const OPENS_LATE_MAX_MS = 20_000;

/** In which the entrypoint passes the client's network to the object (worker/live/upgrade.ts). */
const NETWORK_HEADER = "Live-Network";

export interface ConnectParts {
  scheduler: Scheduler;
  random: Random;
  faults: Faults;
  wall: string;
  trace: Trace | null;
  /** Asks the object for a socket. */
  upgrade: (opening: Opening) => Promise<Outcome<Connection>>;
}

/** A socket that continues from the cursor `since`, asked for by a client of this network at an isolate. */
interface Wanted {
  at: string;
  since: string;
  address: string;
}

/** The page's end of a socket, as the entrypoint sees it. */
interface ClientEnd {
  connection: Connection;
  accept: () => void;
  close: () => void;
}

/** The open connection; `null` when it was refused or nothing came of it. */
export async function connectLive(
  { scheduler, random, faults, wall, trace, upgrade }: ConnectParts,
  { at, since, address }: Wanted,
): Promise<Connection | null> {
  const late = faults.happens("live channel opens late");
  await scheduler.sleep(late ? random.integer(0, OPENS_LATE_MAX_MS) : random.integer(5, 100));
  if (faults.happens("live channel refused")) return null;
  const { wall: wallHeader, address: addressHeader } = LIVE_HEADERS;
  const headers = { Upgrade: "websocket", [wallHeader]: wall, [addressHeader]: address };
  const url = `https://wall.example${LIVE_PATH}?since=${encodeURIComponent(since)}`;
  const answer = await passUpgrade(new Request(url, { headers }), {
    isOn: true,
    tokens: {},
    clock: { now: () => scheduler.now, sleep: (ms, signal) => scheduler.sleep(ms, signal) },
    log: () => () => {},
    send: async (_, request) => {
      const network = request.headers.get(NETWORK_HEADER) ?? "";
      const cursor = parseCursor(new URL(request.url).searchParams.get("since") ?? "");
      if (!cursor) throw new Error(`no cursor: ${since}`);
      const opened = await upgrade({ wall, since: cursor, network });
      if (!opened.ok) return Response.json(opened, { status: opened.problem.status });
      // Node has no answer with a socket.
      const connection = opened.value;
      const webSocket: ClientEnd = {
        connection,
        accept: () => {},
        close: () => connection.abandon(),
      };
      return { status: 101, webSocket } as unknown as Response;
    },
  });
  trace?.add(`a live channel from ${since} at ${at}: ${answer.status}`);
  if (answer.status !== 101) return null;
  const { connection } = answer.webSocket as unknown as ClientEnd;
  if (!faults.happens("answer to a client lost")) return connection;
  connection.abandon();
  return null;
}
