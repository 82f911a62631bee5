/**
 * The way of an upgrade: the page's entry calls `fetch` on the entrypoint, which calls `fetch` on the object, since a
 * socket can't be passed in a call. A refusal comes back as JSON, and the page's entry makes its answer of it.
 */
import * as v from "valibot";
import { EntitySchema } from "#schema/comment";
import { type Cursor, parseCursor } from "#schema/cursor";
import { ENTITY_MAX_CHARACTERS } from "#schema/limits";
import { LIVE_ENTITIES_MAX } from "#schema/live/messages";
import { LIVE_HEADERS } from "#schema/live/request";
import { type Outcome, type Refusal, refusal, success } from "#schema/problem";
import { networkOf } from "../entrypoint/address";
import { unauthorized, unavailable } from "../entrypoint/refusals";
import { roleOf, type Tokens } from "../entrypoint/tokens";
import type { Clock } from "../platform/clock";
import { inTime } from "../platform/deadline";
import type { Log } from "../platform/log";
import type { Opening } from "./room";

/** From the entrypoint to the object. */
const NETWORK = "Live-Network";
/** The names of the bots whose channel it is, as JSON in percent-encoding; absent for a browser's. */
const BOTS = "Live-Bots";

/** A writer that takes longer counts as unavailable. */
const OPEN_TIMEOUT_MS = 5_000;

const AWAY = "The live channel can't be opened right now. Poll.";

interface EntryParts {
  /** False where the channel is switched off. */
  isOn: boolean;
  tokens: Tokens;
  clock: Clock;
  log: (wall: string, request: string) => Log;
  /** Passes a request on to the wall's object. */
  send: (wall: string, request: Request) => Promise<Response>;
}

/** Checks the request and passes it on: the entrypoint's half. Never throws. */
export async function passUpgrade(request: Request, parts: EntryParts): Promise<Response> {
  const { headers } = request;
  const wall = headers.get(LIVE_HEADERS.wall) ?? "";
  if (!parts.isOn) return refuse(refusal("not_found", "The live channel is switched off. Poll."));
  if (headers.get("Upgrade")?.toLowerCase() !== "websocket")
    return refuse(refusal("upgrade_required", "This address takes WebSockets only."));
  const since = sinceOf(request);
  if (!since) {
    const errors = [{ pointer: "?since", detail: "must be a cursor from an earlier answer" }];
    return refuse(refusal("invalid_parameter", "Invalid: since.", { errors }));
  }
  const bots = botsOf(request, parts.tokens);
  if (!bots.ok) return refuse(bots);
  const network = networkOf(headers.get(LIVE_HEADERS.address) ?? undefined);
  const passed = new Request(request.url, {
    headers: {
      Upgrade: "websocket",
      [LIVE_HEADERS.wall]: wall,
      [NETWORK]: network,
      ...(bots.value.length > 0 && { [BOTS]: encodeURIComponent(JSON.stringify(bots.value)) }),
    },
  });
  const opening = parts.send(wall, passed);
  try {
    return await inTime(parts.clock, OPEN_TIMEOUT_MS, "the rebuilder", opening);
  } catch (error) {
    parts.log(wall, headers.get(LIVE_HEADERS.request) ?? "")("channel not opened", { error });
    // One that opens later has no client any more.
    opening.then(({ webSocket }) => drop(webSocket)).catch(() => {});
    return refuse(unavailable(AWAY));
  }
}

/** Opens the socket: the object's half. Never throws. */
export async function answerUpgrade(
  request: Request,
  open: (opening: Opening) => Promise<Outcome<WebSocket>>,
  log: (wall: string) => Log,
): Promise<Response> {
  const wall = request.headers.get(LIVE_HEADERS.wall) ?? "";
  const since = sinceOf(request);
  const network = request.headers.get(NETWORK);
  if (!since || network === null) return refuse(unavailable(AWAY));
  const named = request.headers.get(BOTS);
  try {
    const bots = named === null ? undefined : JSON.parse(decodeURIComponent(named));
    const opened = await open({ wall, since, network, bots });
    if (!opened.ok) return refuse(opened);
    return new Response(null, { status: 101, webSocket: opened.value });
  } catch (error) {
    log(wall)("channel not opened", { error });
    return refuse(unavailable(AWAY));
  }
}

function sinceOf({ url }: Request): Cursor | null {
  const given = new URL(url).searchParams.getAll("since");
  return given.length === 1 ? parseCursor(given[0] as string) : null;
}

/** The names that a bot's channel makes present; none for a browser's. */
function botsOf({ url, headers }: Request, tokens: Tokens): Outcome<string[]> {
  const given = new URL(url).searchParams.getAll("entity");
  if (given.length === 0) return success([]);
  const token = headers.get(LIVE_HEADERS.token);
  const role = token === null ? null : roleOf(tokens, token);
  if (role === null) return unauthorized("A channel with entity needs the bot token.");
  if (role !== "bot") return refusal("forbidden", "This token may not open a bot's channel.");
  const names = v.safeParse(EntitiesSchema, given);
  if (names.success) return success(names.output);
  const errors = [{ pointer: "?entity", detail: ENTITIES_INVALID }];
  return refusal("invalid_parameter", "Invalid: entity.", { errors });
}

const EntitiesSchema = v.pipe(v.array(EntitySchema), v.maxLength(LIVE_ENTITIES_MAX));

const ENTITIES_INVALID = `must have 1 to ${ENTITY_MAX_CHARACTERS} characters, and be given at most ${LIVE_ENTITIES_MAX} times`;

function refuse(refused: Refusal): Response {
  return Response.json(refused, { status: refused.problem.status });
}

function drop(socket: WebSocket | null): void {
  socket?.accept();
  socket?.close();
}
