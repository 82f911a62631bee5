/**
 * Holds the history of what was acknowledged against everything that was answered, and names each
 * invariant of the design by its number.
 */
import type { Change, Sync } from "#schema/change";
import type { Comment } from "#schema/comment";
import { compareIds } from "#schema/id";
import { REBUILD_INTERVAL_MS } from "#schema/limits";
import { WallView } from "#schema/wall-view";

export class Violation extends Error {
  constructor(
    readonly invariant: number,
    readonly what: string,
    readonly at: number,
  ) {
    super(`invariant ${invariant} at ${(at / 1_000).toFixed(3)} s: ${what}`);
  }
}

interface Acknowledged {
  ids: Set<string>;
  at: number;
  shownAt?: number;
}

export class Checker {
  readonly #now: () => number;
  /** The text of everything that a client ever sent, by nonce. */
  readonly #sent = new Map<string, string>();
  readonly #acknowledged = new Map<string, Acknowledged>();
  /** Ids whose processed flag was acknowledged, and when. */
  readonly #processed = new Map<string, number>();
  /** What each sequence of each store was used for. */
  readonly #changes = new Map<string, string>();
  #view: WallView | null = null;
  readonly #shown = new Set<string>();
  readonly #shownNonces = new Set<string>();
  readonly #removed = new Set<string>();
  readonly #publishedAt = new Map<number, number>();
  /** Simulated ms from acknowledgement to the first answer of the rebuilder that shows it. */
  readonly lateness: number[] = [];
  checks = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  fail(invariant: number, what: string): never {
    throw new Violation(invariant, what, this.#now());
  }

  sent(nonce: string, text: string): void {
    this.#sent.set(nonce, text);
  }

  acknowledged(comment: Comment): void {
    const nonce = comment.nonce ?? "";
    this.#expectSent(comment);
    const known = this.#acknowledged.get(nonce);
    if (known) known.ids.add(comment.id);
    else this.#acknowledged.set(nonce, { ids: new Set([comment.id]), at: this.#now() });
    const entry = this.#acknowledged.get(nonce) as Acknowledged;
    if (entry.shownAt === undefined && this.#shownNonces.has(nonce)) {
      entry.shownAt = this.#now();
      this.lateness.push(0);
    }
  }

  processed(id: string): void {
    if (!this.#processed.has(id)) this.#processed.set(id, this.#now());
  }

  published(incarnation: number): void {
    this.checks += 1;
    const last = this.#publishedAt.get(incarnation);
    if (last !== undefined && this.#now() - last < REBUILD_INTERVAL_MS)
      this.fail(7, `published twice within ${this.#now() - last} ms`);
    this.#publishedAt.set(incarnation, this.#now());
  }

  rebuilt(fields: Record<string, unknown>): void {
    this.checks += 1;
    const { list } = fields.operations as { list: number };
    if (list !== 1) this.fail(8, `a rebuild used ${list} lists`);
  }

  /** An answer of the rebuilder, at the moment it left; the question was asked at `askedAt`. */
  synced(sync: Sync, askedAt: number): void {
    this.checks += 1;
    if (sync.changes) {
      for (const change of sync.changes) this.#take(sync.store, change);
    } else if (sync.window) {
      this.#window(sync);
    }
    const comments =
      sync.window ?? (sync.changes ?? []).flatMap((c) => ("comment" in c ? [c.comment] : []));
    for (const comment of comments) this.#expectFlag(comment, sync, askedAt);
  }

  /** What a client holds after a read. */
  client(name: string, comments: readonly Comment[]): void {
    this.checks += 1;
    const nonces = new Set<string>();
    for (let index = 0; index < comments.length; index += 1) {
      const comment = comments[index] as Comment;
      const next = comments[index + 1];
      if (next && compareIds(next.id, comment.id) >= 0)
        this.fail(3, `${name} holds comments out of order`);
      if (comment.nonce !== undefined && nonces.has(comment.nonce))
        this.fail(3, `${name} holds ${comment.nonce} twice`);
      nonces.add(comment.nonce ?? comment.id);
      this.#expectSent(comment);
    }
  }

  /** A client that stands at the newest cursor holds exactly the newest 500. */
  clientAt(name: string, store: string, sequence: number, comments: readonly Comment[]): void {
    const view = this.#view;
    if (!view || view.store !== store || view.sequence !== sequence) return;
    this.checks += 1;
    const newest = comments.slice(-view.window.length).reverse();
    const missing = view.window.find(({ id }, index) => newest[index]?.id !== id);
    if (missing) this.fail(4, `${name} at ${sequence} does not hold ${missing.id} in its place`);
  }

  /** At the end, with all faults over: everything acknowledged is found, each once. */
  final(found: Map<string, Comment | null>, ledgerHas: (id: string) => boolean): void {
    for (const [nonce, { ids }] of this.#acknowledged) {
      const live = new Set<string>();
      for (const id of ids) {
        const comment = found.get(id);
        if (!comment) this.fail(1, `${nonce} (${id}) was acknowledged and is not found`);
        if (comment.nonce !== nonce) this.fail(3, `${id} leads to another message`);
        live.add(comment.id);
        if (this.#processed.has(comment.id) && !comment.botParams.processed)
          this.fail(5, `${comment.id} was processed and reads as not`);
        if (!ledgerHas(comment.id)) this.fail(1, `the key of ${comment.id} is gone`);
      }
      if (live.size !== 1) this.fail(3, `${nonce} is ${live.size} comments: ${[...live]}`);
    }
  }

  acknowledgedIds(): string[] {
    return [...this.#acknowledged.values()].flatMap(({ ids }) => [...ids]);
  }

  neverShown(): string[] {
    return [...this.#acknowledged].flatMap(([nonce, { shownAt }]) =>
      shownAt === undefined ? [nonce] : [],
    );
  }

  #take(store: string, change: Change): void {
    const key = `${store}.${change.sequence}`;
    const body = JSON.stringify(change);
    const known = this.#changes.get(key);
    if (known !== undefined && known !== body)
      this.fail(10, `sequence ${change.sequence} was used twice`);
    this.#changes.set(key, body);
    if (!this.#view || this.#view.store !== store) return;
    if (change.sequence === this.#view.sequence + 1) this.#view.apply(change);
    if ("removed" in change) this.#removed.add(change.removed);
    else this.#show(change.comment);
  }

  #window({ store, sequence, window = [] }: Sync): void {
    const view = this.#view;
    if (view?.store === store && sequence < view.sequence)
      this.fail(10, `the sequence went back from ${view.sequence} to ${sequence}`);
    for (const comment of window) this.#show(comment);
    if (view?.store === store && view.sequence === sequence) {
      const held = view.window.map(({ id }) => id).join();
      if (held !== window.map(({ id }) => id).join())
        this.fail(4, `a full read at ${sequence} differs from the changes up to it`);
      return;
    }
    const nonces = window.flatMap(({ nonce }) => (nonce === undefined ? [] : [nonce]));
    if (new Set(nonces).size !== nonces.length) this.fail(3, "a window shows a message twice");
    for (const id of this.#removed)
      if (window.some((comment) => comment.id === id)) this.fail(3, `${id} came back`);
    this.#view = new WallView(store, sequence, window);
  }

  #show(comment: Comment): void {
    this.#expectSent(comment);
    if (this.#shown.has(comment.id)) return;
    this.#shown.add(comment.id);
    this.#shownNonces.add(comment.nonce ?? "");
    const acknowledged = this.#acknowledged.get(comment.nonce ?? "");
    if (!acknowledged || acknowledged.shownAt !== undefined) return;
    acknowledged.shownAt = this.#now();
    this.lateness.push(this.#now() - acknowledged.at);
  }

  #expectFlag(comment: Comment, sync: Sync, askedAt: number): void {
    const at = this.#processed.get(comment.id);
    if (at === undefined || at >= askedAt || comment.botParams.processed) return;
    // A delta may show an older state first when the newer one follows in it.
    const later = (sync.changes ?? []).some(
      (change) =>
        "comment" in change &&
        change.comment.id === comment.id &&
        change.comment.botParams.processed,
    );
    if (!later) this.fail(5, `${comment.id} was processed and reads as not`);
  }

  #expectSent(comment: Comment): void {
    if (this.#sent.get(comment.nonce ?? "") !== comment.text)
      this.fail(3, `${comment.id} shows what no client sent`);
  }
}
