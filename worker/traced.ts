/** Carries a request's id into the single writer, so that what it logs of a call names the request. */
import type { Log } from "./log";
import type { RebuilderRpc } from "./rebuilder-rpc";

export type RebuilderCall = keyof RebuilderRpc;

/** What changes something by a token's right. People's posts and all reads would only fill the logs. */
const DEEDS: ReadonlySet<RebuilderCall> = new Set<RebuilderCall>([
  "accept",
  "patch",
  "claim",
  "release",
  "remove",
  "removeSender",
  "pause",
  "bring",
  "move",
]);

type Answer = (...args: unknown[]) => unknown;

export interface Traced {
  traced(request: string, call: RebuilderCall, args: readonly unknown[]): Promise<unknown>;
}

/** The single writer for one request. */
export function tracing(rebuilder: RebuilderRpc & Traced, request?: string): RebuilderRpc {
  if (request === undefined) return rebuilder;
  return new Proxy(rebuilder, {
    get:
      (_target, call: string) =>
      (...args: readonly unknown[]) =>
        rebuilder.traced(request, call as RebuilderCall, args),
  });
}

/** Answers a call, and logs a deed done and whatever failed. */
export async function answerTraced(
  rebuilder: RebuilderRpc,
  call: RebuilderCall,
  args: readonly unknown[],
  log: Log,
): Promise<unknown> {
  const began = Date.now();
  try {
    const answer = await (rebuilder[call] as Answer).apply(rebuilder, [...args]);
    if (DEEDS.has(call)) log("deed", { deed: call, ms: Date.now() - began });
    return answer;
  } catch (error) {
    log("call failed", { call, ms: Date.now() - began, error });
    throw error;
  }
}
