import type { Outcome } from "#schema/problem";
import type { Asker } from "../contract/asker";
import type { WriterCalls } from "../contract/writer-calls";
import type { Log } from "../platform/log";
import { unavailable } from "./refusals";

/** Asks the single writer; `503` with the words `away` without it. */
export async function askWriter<Value>(
  { asker, log }: { asker: Asker; log: Log },
  away: string,
  question: (writer: WriterCalls) => Promise<Outcome<Value>>,
): Promise<Outcome<Value>> {
  try {
    return await asker.ask(question);
  } catch (error) {
    log("rebuilder away", { error });
    return unavailable(away);
  }
}
