/**
 * Runs the fuzzer against a server: sends requests, then checks that every accepted post can be
 * read.
 */
import { Random } from "../scripts/command/random.mjs";
import { generate } from "./generate";
import { commentFault, fault, isRuntimesOwn, rawFault } from "./judge";
import { SMUGGLED } from "./malformed";
import { asCommand, type FuzzRequest, isRaw, type RawRequest } from "./request";
import { Sender } from "./send";

const AT_ONCE = 16;

/**
 * The local runtime occasionally loses a connection between its processes and asks for a retry. The
 * fuzzer retries, counts these answers and reports them.
 */
const RETRIES = 3;
const RUNTIME_503 = "runtime 503";
const RUNTIME_503_MAX_SHARE = 0.001;

/** Seeds each request separately, so that one can be repeated without the others. */
const REQUEST_SEED_STEP = 2_654_435_761;

export interface Options {
  url: string;
  botToken: string;
  requests: number;
  seed: number;
  onProgress: (done: number, accepted: number) => void;
}

export interface Finding {
  what: string;
  command: string;
}

export interface Report {
  finding: Finding | null;
  accepted: number;
  readBack: number;
  /** By status; raw requests separately. */
  statuses: Record<string, number>;
}

type Sent = Record<string, unknown>;

export class Fuzzer {
  readonly #options: Options;
  readonly #sender: Sender;
  /** The expected text of each accepted comment, and the request that created it. */
  readonly #accepted = new Map<string, { sent: Sent; request: FuzzRequest }>();
  readonly #ids: string[] = [];
  readonly #statuses: Record<string, number> = {};
  #next = 0;
  #done = 0;
  #finding: Finding | null = null;

  constructor(options: Options) {
    this.#options = options;
    this.#sender = new Sender(options.url);
  }

  /** Sends up to `until` requests of the run. */
  async run(until: number): Promise<void> {
    const lane = async () => {
      while (this.#next < until && !this.#finding) {
        await this.#one(this.#next++);
        this.#done += 1;
        this.#options.onProgress(this.#done, this.#accepted.size);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
  }

  /** Reads the whole wall back, page by page, and closes. */
  async finish(): Promise<Report> {
    this.#judgeRuntime();
    let readBack = 0;
    if (!this.#finding) readBack = await this.#readBack();
    this.#sender.close();
    return {
      finding: this.#finding,
      accepted: this.#accepted.size,
      readBack,
      statuses: this.#statuses,
    };
  }

  async #one(index: number): Promise<void> {
    const { seed, botToken, url } = this.#options;
    const random = new Random(seed + index * REQUEST_SEED_STEP);
    const request = generate(random, { botToken, ids: this.#ids, host: new URL(url).host });
    try {
      const what = isRaw(request) ? await this.#sendRaw(request) : await this.#send(request);
      if (what) this.#report(what, request);
    } catch (error) {
      this.#report(String(error), request);
    }
  }

  async #send(request: FuzzRequest): Promise<string | null> {
    let answer = await this.#sender.send(request);
    for (let again = 0; again < RETRIES && isRuntimesOwn(answer); again += 1) {
      this.#count(RUNTIME_503);
      answer = await this.#sender.send(request);
    }
    this.#count(String(answer.status));
    const found = fault(request, answer);
    if (found) return `${found}: ${answer.body.slice(0, 200)}`;
    if (answer.status !== 201) return null;
    const comment = JSON.parse(answer.body);
    if (!comment.id) return null;
    const sent = request.comment ?? {};
    this.#accepted.set(comment.id, { sent: { ...withoutMarks(comment), ...sent }, request });
    this.#ids.push(comment.id);
    return commentFault(sent, comment);
  }

  async #sendRaw({ raw }: RawRequest): Promise<string | null> {
    const text = await this.#sender.sendRaw(raw);
    const [, status = "closed"] = /^HTTP\/1\.[01] (\d{3})/.exec(text) ?? [];
    this.#count(`raw ${status}`);
    return rawFault(text);
  }

  /** A higher share is no accident of the runtime. */
  #judgeRuntime(): void {
    const count = this.#statuses[RUNTIME_503] ?? 0;
    if (count <= 5 + this.#done * RUNTIME_503_MAX_SHARE) return;
    const command = `${count} of ${this.#done} requests`;
    this.#finding ??= { what: "the local runtime's own 503, too often", command };
  }

  async #readBack(): Promise<number> {
    const missing = new Map(this.#accepted);
    let before: string | null = `${Date.now() + 60_000}-0000000000`;
    while (before && missing.size > 0) {
      const page: { comments: Sent[]; nextBefore: string | null } = await this.#page(before);
      for (const comment of page.comments) {
        if (comment.text === SMUGGLED) this.#reportSmuggled();
        const known = missing.get(String(comment.id));
        if (!known) continue;
        missing.delete(String(comment.id));
        const what = commentFault(known.sent, comment);
        if (what) this.#report(`read back differently: ${what}`, known.request);
      }
      before = page.nextBefore;
    }
    for (const [id, { sent, request }] of missing) {
      if (await this.#isSecondCopy(id, sent)) missing.delete(id);
      else this.#report(`accepted as ${id}, and lost`, request);
    }
    return this.#accepted.size - missing.size;
  }

  /**
   * Missing from history, but its id still works: it reads as the first comment with the same
   * nonce.
   */
  async #isSecondCopy(id: string, { nonce }: Sent): Promise<boolean> {
    if (nonce === undefined) return false;
    const path = `/api/comments/${id}`;
    const { status, body } = await this.#sender.send({ method: "GET", path, headers: {} });
    if (status !== 200) return false;
    const first: Sent = JSON.parse(body);
    return first.nonce === nonce && String(first.id) < id;
  }

  async #page(before: string) {
    const path = `/api/comments?before=${encodeURIComponent(before)}`;
    const headers = { Authorization: `Bearer ${this.#options.botToken}` };
    const { status, body } = await this.#sender.send({ method: "GET", path, headers });
    if (status !== 200) throw new Error(`reading back: status ${status}`);
    return JSON.parse(body);
  }

  #count(kind: string): void {
    this.#statuses[kind] = (this.#statuses[kind] ?? 0) + 1;
  }

  /** The request that carried it can't be identified any more. */
  #reportSmuggled(): void {
    const command = `npm run fuzz -- --requests ${this.#options.requests} --seed ${this.#options.seed}`;
    this.#finding ??= { what: "a request hidden in another request's body was executed", command };
  }

  #report(what: string, request: FuzzRequest | RawRequest): void {
    this.#finding ??= { what, command: asCommand(request, this.#options.url) };
  }
}

/** Without the marks that bots change later. */
function withoutMarks({ botParams: _, ...comment }: Sent): Sent {
  return comment;
}
