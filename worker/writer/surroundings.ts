/** The object's environment: its bindings, and the runtime's parts that a simulation replaces. */
import { PlatformSockets } from "../live/platform";
import type { LiveSocket, SocketHost } from "../live/socket";
import { type Clock, systemClock } from "../platform/clock";
import { consoleLog, type Log, withoutIdleRebuilds } from "../platform/log";
import { dataCentre } from "./data-centre";
import type { Writer } from "./writer";

/** The Worker's bindings and variables that the rebuilder reads. */
export interface RebuilderEnv {
  LEDGER_KV: KVNamespace;
  /** The ledger of a new wall: `kv` (when absent) or `sqlite`. */
  LEDGER?: string;
  VERSION?: string;
  /** Set in previews, whose walls may be emptied, and which have no cron. */
  CLEARABLE?: string;
  /** Set when the storage is files on the operator's own disk, as with `npm start`. */
  OWN_DISK?: string;
  /** The limits of posts, which come over HTTP and over the live channel. */
  POST_LIMIT?: RateLimit;
  POST_SITE_LIMIT?: RateLimit;
}

/** The sockets of an object. `of` maps the runtime's socket to ours. */
export interface ObjectSockets extends SocketHost<WebSocket> {
  of(socket: WebSocket): LiveSocket;
}

/** An object's environment besides its storage; the simulation passes in its own. */
export interface Surroundings {
  clock: Clock;
  log: (wall: string, request?: string) => Log;
  rebuilderLog: (wall: string) => Log;
  newStoreName: () => string;
  /** Called when a rebuilder was opened over the journal. */
  opened?: (rebuilder: Writer) => void;
  /** The data centre in which the object runs; absent where that is no data centre. */
  dataCentre?: () => Promise<string>;
  /** Without it there are no sockets. */
  sockets?: (context: DurableObjectState) => ObjectSockets;
}

export const PLATFORM: Surroundings = {
  clock: systemClock,
  log: consoleLog,
  rebuilderLog: (wall) => withoutIdleRebuilds(consoleLog(wall)),
  newStoreName,
  dataCentre,
  sockets: (context) => new PlatformSockets(context),
};

export const NO_SOCKETS: ObjectSockets = {
  open: () => [],
  count: () => 0,
  of: noSocket,
  accept: noSocket,
};

function noSocket(): never {
  throw new Error("this object has no sockets");
}

function newStoreName(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) =>
    (byte % 36).toString(36),
  ).join("");
}
