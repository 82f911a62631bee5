/** Finds out in which data centre an object runs. */
import type { Log } from "../platform/log";

/** Answers with the data centre that sent the request, among other lines. The platform has no call for it. */
const TRACE = "https://www.cloudflare.com/cdn-cgi/trace";

const TRACE_TIMEOUT_MS = 3_000;

/** Cloudflare's code of this data centre, as `FRA`. @throws when the answer is late, or has none. */
export async function dataCentre(): Promise<string> {
  const response = await fetch(TRACE, { signal: AbortSignal.timeout(TRACE_TIMEOUT_MS) });
  const code = /^colo=([A-Z]{3})$/m.exec(await response.text())?.[1];
  if (code === undefined) throw new Error(`${TRACE} names no data centre`);
  return code;
}

export class Location {
  readonly #find: (() => Promise<string>) | undefined;
  #code: string | undefined;
  #isAsked = false;

  /** Without `find` the location stays unknown. */
  constructor(find?: () => Promise<string>) {
    this.#find = find;
  }

  /** The code of the data centre. The first call asks for it, and a later one has the answer. */
  code(log: Log): string | undefined {
    if (!this.#isAsked) {
      this.#isAsked = true;
      this.#find?.().then(
        (code) => {
          this.#code = code;
        },
        (error) => log("data centre not known", { error }),
      );
    }
    return this.#code;
  }
}
