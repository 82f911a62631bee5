/** The Durable Object around the rebuilder: one object a wall, its SQLite the journal, its alarm the beat. */
import { DurableObject } from "cloudflare:workers";
import { isStoredComment, type StoredComment } from "#schema/comment";
import type { Cursor } from "#schema/cursor";
import { makeId, timestampOf } from "#schema/id";
import { WINDOW_SIZE } from "#schema/limits";
import type { Moderation, RemovedOfSender } from "#schema/moderation";
import type { Imported, MoveProgress } from "#schema/move";
import type { HistoryQuery, PendingQuery } from "#schema/read";
import type { Cleared } from "#schema/rpc";
import type { Status } from "#schema/status";
import type { Accepted, Claimed, Found, PastPage, Paused, Released, Removed } from "./answers";
import { clearKeys } from "./clear";
import { type Clock, systemClock } from "./clock";
import { costOf } from "./cost";
import {
  checkBot,
  checkComment,
  checkComments,
  checkFlag,
  checkId,
  checkNetwork,
  checkReason,
  checkSeconds,
} from "./door";
import { SqliteJournal } from "./journal/sqlite";
import { SqliteModeration } from "./journal/sqlite-moderation";
import { SqliteSamples } from "./journal/sqlite-samples";
import { parseLedger } from "./ledger/kind";
import { KvLedger } from "./ledger/kv";
import { recordOf } from "./ledger/messages";
import { SqliteMessages } from "./ledger/sqlite-messages";
import { consoleLog, type Log, withoutIdleRebuilds } from "./log";
import { Metrics } from "./metrics";
import { Move, NOTHING_TO_MOVE } from "./move";
import { Operations } from "./operations";
import type { Overlay, Stretch } from "./overlay";
import { Rebuilder } from "./rebuilder";
import type { RebuilderRpc } from "./rebuilder-rpc";
import { scrub } from "./scrub";
import { Senders } from "./senders";
import { Takedowns } from "./takedowns";
import { answerTraced, type RebuilderCall, type Traced } from "./traced";

/** For an hour after a move each cron looks for keys that were written meanwhile, later the first of each hour. */
const STRAGGLERS_MS = 60 * 60_000;
const CRON_MS = 60_000;

/** By then an hour's first cron has run again; the row of what is older may have been let go of, for want of room. */
const STRAGGLER_AGE_MAX_MS = 24 * 60 * 60_000;

/** A place before the newest message. */
const NEWER_THAN_ALL = makeId(9_999_999_999_999, "0000000000");

/** How long an admin waits for the end of a removal: less than the entrypoint waits for this object. */
const TAKEDOWN_ANSWER_MS = 1_500;

/** Several removals in a row are scrubbed from the file at once. */
const SCRUB_AFTER_MS = 5_000;

/** What of the Worker's bindings and variables the rebuilder reads. */
export interface RebuilderEnv {
  LEDGER_KV: KVNamespace;
  /** Where a new wall keeps its comments: `kv` (when absent) or `sqlite`. */
  LEDGER?: string;
  VERSION?: string;
  /** Set where the storage is files of whoever runs the wall, as with `npm start`. */
  OWN_DISK?: string;
}

/** What an object has around it besides its storage: the simulation passes in its own. */
export interface Surroundings {
  clock: Clock;
  log: (wall: string, request?: string) => Log;
  rebuilderLog: (wall: string) => Log;
  newStoreName: () => string;
  /** A rebuilder was opened over the journal. */
  opened?: (rebuilder: Rebuilder) => void;
}

const PLATFORM: Surroundings = {
  clock: systemClock,
  log: consoleLog,
  rebuilderLog: (wall) => withoutIdleRebuilds(consoleLog(wall)),
  newStoreName,
};

export class CacheRebuilder extends DurableObject<RebuilderEnv> implements RebuilderRpc, Traced {
  readonly #surroundings: Surroundings;
  readonly #operations = new Operations();
  #journal: SqliteJournal;
  #move: Move;
  #senders: Senders;
  #takedowns: Takedowns;
  #metrics: Metrics;
  #rebuilder: Rebuilder | null = null;
  #messageStore: SqliteMessages | null = null;
  #isScrubDue = false;

  /** The runtime gives no surroundings. */
  constructor(ctx: DurableObjectState, env: RebuilderEnv, surroundings: Surroundings = PLATFORM) {
    super(ctx, env);
    this.#surroundings = surroundings;
    this.#journal = this.#newJournal();
    this.#move = new Move(ctx.storage, this.#operations);
    this.#senders = new Senders(ctx.storage, this.#operations);
    this.#takedowns = new Takedowns(ctx.storage, this.#operations);
    this.#metrics = this.#newMetrics();
  }

  async sync(wall: string, since?: Cursor, polls = 0): Promise<string> {
    const rebuilder = this.#of(wall);
    this.#operations.count("poll", polls);
    return JSON.stringify(await rebuilder.sync(since));
  }

  async notice(wall: string, comment: StoredComment, network?: string): Promise<void> {
    checkComment(comment);
    checkNetwork(network);
    this.#of(wall).notice(comment);
    if (network !== undefined) this.#senders.note(comment.id, network);
  }

  async find(wall: string, id: string): Promise<Found> {
    checkId(id);
    return this.#of(wall).find(id);
  }

  overlay(wall: string, stretch: Stretch, listed: readonly string[]): Promise<Overlay> {
    return this.#of(wall).overlay(stretch, listed);
  }

  async patch(wall: string, id: string, processed: boolean): Promise<Found> {
    checkId(id);
    checkFlag(processed);
    return this.#of(wall).patch(id, processed);
  }

  async claim(wall: string, id: string, bot: string, seconds: number): Promise<Claimed> {
    checkId(id);
    checkBot(bot);
    checkSeconds(seconds);
    return this.#of(wall).claim(id, bot, seconds);
  }

  async release(wall: string, id: string, bot: string): Promise<Released> {
    checkId(id);
    checkBot(bot);
    return this.#of(wall).release(id, bot);
  }

  async remove(wall: string, id: string, reason?: string): Promise<Removed> {
    checkId(id);
    checkReason(reason);
    const removed = await this.#of(wall).remove(id, reason);
    this.#scrubSoon(wall);
    return removed;
  }

  /**
   * `null` when the comment's sender is not known, or not any more. What takes longer than an answer may wait
   * goes on behind it.
   */
  async removeSender(wall: string, id: string, reason?: string): Promise<RemovedOfSender | null> {
    checkId(id);
    checkReason(reason);
    this.#of(wall);
    this.#operations.count("remove");
    const sender = this.#senders.senderOf(id);
    if (sender === null) return null;
    const takedown = this.#takedowns.begin(sender, reason);
    await Promise.race([this.#takeDown(wall), this.#clock.sleep(TAKEDOWN_ANSWER_MS)]);
    return { removed: takedown.removed, done: takedown.isDone };
  }

  async pause(wall: string, paused: boolean, reason?: string): Promise<Pick<Moderation, "paused">> {
    checkFlag(paused);
    checkReason(reason);
    return this.#of(wall).pause(paused, reason);
  }

  async moderation(wall: string): Promise<Moderation> {
    const moderation = this.#of(wall).moderation();
    const removing = this.#takedowns.open.map(({ sender, removed }) => ({ sender, removed }));
    return removing.length > 0 ? { ...moderation, removing } : moderation;
  }

  async pending(wall: string, query: PendingQuery): Promise<{ rebuiltAt: number; text: string }> {
    const read = await this.#of(wall).pending(query);
    return { rebuiltAt: read.rebuiltAt, text: JSON.stringify(read) };
  }

  async accept(wall: string, comment: StoredComment): Promise<Accepted | Paused | null> {
    checkComment(comment);
    return this.#of(wall).accept(comment);
  }

  /** `network` says from where it was sent, where moderation may ask for that. */
  async append(
    wall: string,
    draft: StoredComment,
    network?: string,
  ): Promise<Accepted | Paused | null> {
    checkComment(draft);
    checkNetwork(network);
    const accepted = await this.#of(wall).append(draft);
    if (accepted?.comment && accepted.isNew && network !== undefined)
      this.#senders.note(accepted.comment.id, network);
    return accepted;
  }

  async history(wall: string, query: HistoryQuery): Promise<PastPage> {
    return this.#of(wall).history(query);
  }

  async status(wall: string): Promise<Status> {
    const status = await this.#of(wall).status();
    const ledger = this.#journal.head()?.ledger ?? "kv";
    const history = this.#metrics.history();
    const cost = costOf(history, ledger, this.ctx.storage.sql.databaseSize);
    return { ...status, ledger, history, ...(cost && { cost }) };
  }

  async bring(wall: string, comments: readonly StoredComment[]): Promise<Imported> {
    checkComments(comments);
    return this.#of(wall).bring(comments);
  }

  /** One step on the way of the wall's comments from KV into this object's SQLite. */
  async move(wall: string): Promise<MoveProgress> {
    const rebuilder = this.#of(wall);
    // A wall that began on SQLite has no keys to move, and its rows are not to be taken for a move's.
    if (this.#move.progress === null && this.#journal.head()?.ledger === "sqlite")
      return NOTHING_TO_MOVE;
    // All that keys and notices can bring shall be known by now.
    if (this.#move.progress === null) await rebuilder.rebuild();
    const messages = () => this.#messages();
    return this.#move.step({
      ledger: this.#ledger(wall),
      messages,
      asKnown: (record) => rebuilder.asKnown(record),
      known: (after, max) => rebuilder.known(after, max),
      finish: () => {
        // KV may have let the move read a key that it kept from every rebuild.
        rebuilder.meet(messages().behind(NEWER_THAN_ALL, WINDOW_SIZE).map(recordOf));
        // Words that were taken down are still to leave their keys; all else the rows say from now on.
        const written = rebuilder.unwritten().filter((record) => !("removed" in record));
        this.#journal.becomeSqlite(written, messages().newest());
        rebuilder.close();
        this.#rebuilder = null;
      },
      clock: this.#clock,
      log: this.#log(wall),
    });
  }

  /** Forgets the wall: it is as if it had never been. */
  async clear(wall: string): Promise<Cleared> {
    const cleared = await clearKeys(this.env.LEDGER_KV, wall);
    this.#rebuilder?.close();
    this.#rebuilder = null;
    this.#messageStore = null;
    const { storage } = this.ctx;
    // With the alarm: nothing rebuilds it until somebody asks for it.
    await storage.deleteAll();
    this.#journal = this.#newJournal();
    this.#move = new Move(storage, this.#operations);
    this.#senders = new Senders(storage, this.#operations);
    this.#takedowns = new Takedowns(storage, this.#operations);
    this.#metrics = this.#newMetrics();
    return cleared;
  }

  /** Any call, for a request that has a name. */
  traced(request: string, call: RebuilderCall, args: readonly unknown[]): Promise<unknown> {
    return answerTraced(this, call, args, this.#log(String(args[0]), request));
  }

  async watch(wall: string): Promise<void> {
    const rebuilder = this.#of(wall);
    // Also of a wall that rests, whose alarm does not run.
    this.#keepSenders(wall);
    this.#keepMetrics(wall);
    void this.#takeDown(wall);
    await rebuilder.watch();
    try {
      await this.#bringStragglers(wall);
    } catch (error) {
      this.#log(wall)("sweep failed", { error });
    }
  }

  /**
   * After a move an entrypoint that had not heard of it may still have written a key, its notice lost: at any
   * time, where `LEDGER` still says `kv` and the rebuilder is away when an isolate starts.
   */
  async #bringStragglers(wall: string): Promise<void> {
    const { doneAt } = this.#move;
    const now = this.#clock.now();
    if (doneAt === null || (now - doneAt > STRAGGLERS_MS && now % STRAGGLERS_MS >= CRON_MS)) return;
    const ledger = this.#ledger(wall);
    const { ids } = await ledger.newest(undefined, "sweep");
    const young = ids.filter((id) => now - timestampOf(id) < STRAGGLER_AGE_MAX_MS);
    const unknown = young.filter((id) => !this.#messages().get(id));
    const entries = await ledger.read(unknown.slice(0, WINDOW_SIZE), "move");
    for (const entry of entries.values())
      if (entry && entry !== "corrupt" && isStoredComment(entry)) this.#of(wall).notice(entry);
  }

  override async alarm(): Promise<void> {
    const head = this.#journal.head();
    if (!head) return;
    const rebuilder = this.#of(head.wall);
    this.#keepSenders(head.wall);
    this.#keepMetrics(head.wall);
    void this.#takeDown(head.wall);
    await rebuilder.tick();
  }

  /** Scrubs removed words from the database's file, if that is on our own disk; elsewhere the platform keeps it. */
  #scrubSoon(wall: string): void {
    if (this.env.OWN_DISK === undefined || this.#isScrubDue) return;
    this.#isScrubDue = true;
    const scrubbing = async () => {
      await this.#clock.sleep(SCRUB_AFTER_MS);
      this.#isScrubDue = false;
      if (!(await scrub(this.ctx.storage))) this.#log(wall)("file too large to scrub");
    };
    scrubbing().catch((error) => this.#log(wall)("not scrubbed", { error }));
  }

  /** Nothing that moderation may miss is worth a rebuild. */
  #keepSenders(wall: string): void {
    try {
      this.#senders.keep(this.#clock.now());
    } catch (error) {
      this.#log(wall)("senders not kept", { error });
    }
  }

  /** Goes on with what an admin began to take down. What fails is tried again by the next alarm or cron. */
  async #takeDown(wall: string): Promise<void> {
    if (this.#takedowns.open.length === 0) return;
    try {
      await this.#takedowns.goOn({
        senders: this.#senders,
        rebuilder: () => this.#of(wall),
        journal: this.#journal,
        sleep: (ms) => this.#clock.sleep(ms),
      });
      this.#scrubSoon(wall);
    } catch (error) {
      this.#log(wall)("removal interrupted", { error });
    }
  }

  #newJournal(): SqliteJournal {
    const journal = new SqliteJournal(this.ctx.storage, this.#operations);
    journal.onChanges = (changes) => {
      const records = changes.map(({ record }) => record);
      this.#move.follow(records, () => this.#messages());
    };
    return journal;
  }

  get #clock(): Clock {
    return this.#surroundings.clock;
  }

  #log(wall: string, request?: string): Log {
    return this.#surroundings.log(wall, request);
  }

  #newMetrics(): Metrics {
    return new Metrics({
      clock: this.#clock,
      operations: this.#operations,
      store: new SqliteSamples(this.ctx.storage, this.#operations),
    });
  }

  #keepMetrics(wall: string): void {
    try {
      this.#metrics.keep();
    } catch (error) {
      this.#log(wall)("samples not kept", { error });
    }
  }

  /** An object serves one wall: it learns its name from the first call, and keeps it for its alarms. */
  #of(wall: string): Rebuilder {
    this.#metrics.advance();
    if (!this.#rebuilder) {
      this.#rebuilder = this.#open(wall);
      this.#surroundings.opened?.(this.#rebuilder);
    }
    return this.#rebuilder;
  }

  #ledger(wall: string): KvLedger {
    return new KvLedger(this.env.LEDGER_KV, wall, this.#operations, this.#clock);
  }

  #messages(): SqliteMessages {
    this.#messageStore ??= new SqliteMessages(this.ctx.storage, this.#operations);
    return this.#messageStore;
  }

  #isMoving(): boolean {
    return this.#move.progress !== null;
  }

  #open(wall: string): Rebuilder {
    const { storage } = this.ctx;
    let head = this.#journal.head();
    if (!head) {
      // Born at the present millisecond, a store's sequences lie above those of any earlier store:
      // of two stored values the higher one wins also after the object's storage was lost.
      head = { wall, store: this.#surroundings.newStoreName(), birth: this.#clock.now() };
      if (parseLedger(this.env.LEDGER) === "sqlite") head.ledger = "sqlite";
      this.#journal.create(head);
    }
    const ledger = this.#ledger(head.wall);
    const isSqlite = head.ledger === "sqlite";
    return new Rebuilder({
      head,
      clock: this.#clock,
      ledger,
      ...(isSqlite ? { messages: this.#messages() } : { isMoving: () => this.#isMoving() }),
      spare: ledger,
      journal: this.#journal,
      moderation: new SqliteModeration(storage, this.#operations),
      alarm: { get: () => storage.getAlarm(), set: (time) => storage.setAlarm(time) },
      operations: this.#operations,
      meter: this.#metrics,
      log: this.#surroundings.rebuilderLog(head.wall),
      version: this.env.VERSION ?? "dev",
    });
  }
}

function newStoreName(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) =>
    (byte % 36).toString(36),
  ).join("");
}
