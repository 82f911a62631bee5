/** Counts what a removal would take, so that an admin sees whether a sender is one person or a whole network. */
import type { RemovalPreview, SenderPreview } from "#schema/moderation";
import { chunks } from "../../platform/chunks";
import type { Clock } from "../../platform/clock";
import type { Writer } from "../writer";
import type { Sender, Senders } from "./senders";

/** Longest count: less than the entrypoint waits for the writer. */
const COUNT_MAX_MS = 1_500;
/** Pause between two steps of the count, for waiting calls. */
const PAUSE_MS = 5;

/** Ids that are looked up in one step: about 50 ms. */
const RESOLVED_A_STEP = 100;

/** Newest messages that are read for their names: one bulk get of the ledger. */
const READ_MAX = 100;
const SHOWN_MESSAGES = 5;
const SHOWN_NAMES = 10;

interface PreviewParts {
  senders: Senders;
  writer: Pick<Writer, "removals" | "readAll">;
  clock: Clock;
}

/** @throws when the ledger refuses. */
export async function previewRemoval(id: string, parts: PreviewParts): Promise<RemovalPreview> {
  const { senders, writer } = parts;
  const replies = writer.removals.repliesTo(writer.removals.liveOf([id])).length;
  const sender = senders.senderOf(id);
  return sender === null ? { replies } : { replies, sender: await previewSender(sender, parts) };
}

async function previewSender(
  sender: Sender,
  { senders, writer, clock }: PreviewParts,
): Promise<SenderPreview> {
  const began = clock.now();
  const ids: string[] = [];
  let next: number | null = 0;
  while (next !== null && clock.now() - began < COUNT_MAX_MS) {
    const found = senders.sentBy(sender, next);
    ids.push(...found.ids);
    next = found.next;
    await clock.sleep(PAUSE_MS);
  }
  let isAll = next === null;
  const live: string[] = [];
  // Old ids are looked up one by one in rows.
  for (const part of chunks(ids.reverse(), RESOLVED_A_STEP)) {
    live.push(...writer.removals.liveOf(part));
    if (clock.now() - began >= COUNT_MAX_MS) {
      isAll = live.length >= ids.length;
      break;
    }
    await clock.sleep(PAUSE_MS);
  }
  live.sort().reverse();
  const newest = await writer.readAll(live.slice(0, READ_MAX));
  const names = [...new Set(newest.map(({ username }) => username))];
  const own = new Set(live);
  return {
    messages: live.length,
    isAll,
    replies: writer.removals.repliesTo(live).filter(({ id }) => !own.has(id)).length,
    nameCount: names.length,
    names: names.slice(0, SHOWN_NAMES),
    newest: newest.slice(0, SHOWN_MESSAGES),
  };
}
