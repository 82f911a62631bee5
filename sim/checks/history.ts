/**
 * Records the messages that clients sent and the answers they got, and checks every answer of the rebuilder and of
 * the entrypoints against them: invariants 1 to 5 and 10. Messages are identified by their texts, each of which is
 * written once: a nonce may name another message a day later.
 */
import type { Change, Sync } from "#schema/change";
import type { Comment, StoredComment } from "#schema/comment";
import type { Cursor } from "#schema/cursor";
import { compareIds } from "#schema/id";
import { NONCE_LIFETIME_MS, WINDOW_SIZE } from "#schema/limits";
import { parseSpare } from "#schema/view/spare";
import { WallView } from "#schema/view/wall-view";
import { FlagBook } from "./flags";
import { Notices } from "./notices";
import { Progress } from "./progress";
import type { RemovalChecker } from "./removals";
import type { Verdict } from "./violation";

interface Acknowledged {
  ids: Set<string>;
  at: number;
  shownAt?: number;
}

export class History {
  readonly #verdict: Verdict;
  readonly #removals: RemovalChecker;
  /** The nonce that each text was sent with. */
  readonly #sent = new Map<string, string>();
  /** By text, like those that were shown, noticed and published. */
  readonly #acknowledged = new Map<string, Acknowledged>();
  readonly flags = new FlagBook();
  /** The change that each sequence of each store was used for. */
  readonly #changes = new Map<string, string>();
  /** The ids that a frame named for a sequence which no answer has used yet. */
  readonly #framed = new Map<string, ReadonlySet<string>>();
  /** By store: the sequence at which each id was removed, after those of its changes that were erased. */
  readonly #removedAt = new Map<string, Map<string, number>>();
  /** By store and id: the highest sequence at which the comment was there. */
  readonly #shownAt = new Map<string, number>();
  readonly #texts = new Map<string, string>();
  readonly #shown = new Set<string>();
  /** The timestamp of each text's comment that was shown first. */
  readonly #shownTexts = new Map<string, number>();
  /** Texts of which another copy was found only once their nonce was forgotten: it counts as a message of its own. */
  readonly #foundTooLate = new Set<string>();
  /** Ids that the published snapshot, or a frame, named as gone. */
  readonly #announcedRemoved = new Set<string>();
  readonly #published = new Set<string>();
  /** When the rebuilder first answered that an id is gone. */
  readonly #removed = new Map<string, number>();
  readonly #planted: string[] = [];
  /** Ids in volumes that were dropped for lack of room. */
  readonly #dropped = new Set<string>();
  readonly #notices: Notices;
  /** How far the rebuilder's answers have got. */
  readonly progress = new Progress();
  #view: WallView | null = null;
  #isLatenessOver = false;
  /** Simulated ms from acknowledgement to the first answer of the rebuilder that shows it. */
  readonly lateness: number[] = [];

  constructor(verdict: Verdict, removals: RemovalChecker) {
    this.#verdict = verdict;
    this.#removals = removals;
    this.#notices = new Notices(verdict, (id, text) => this.#isKnown(id, text));
  }

  sent(nonce: string, text: string): void {
    this.#sent.set(text, nonce);
  }

  /** Copies that were merged into a dropped comment have gone with it. */
  dropped(ids: readonly string[]): void {
    const copiesOf = (id: string) => this.#acknowledged.get(this.textOf(id))?.ids ?? [];
    for (const id of ids) for (const each of [id, ...copiesOf(id)]) this.#dropped.add(each);
  }

  wasDropped(id: string): boolean {
    return this.#dropped.has(id);
  }

  /** A comment that was stored long before the world began. */
  planted({ id, nonce = "", text }: Comment): void {
    this.sent(nonce, text);
    this.#planted.push(id);
  }

  plantedIds(): readonly string[] {
    return this.#planted;
  }

  expectSent(comment: Comment): void {
    const { id, nonce = "", text } = comment;
    this.#removals.expectHidden(id, "secretHash" in comment);
    this.#texts.set(id, text);
    if (this.#sent.get(text) !== nonce)
      this.#verdict.fail(3, `${id} has a text or nonce that no client sent`, id, nonce);
  }

  /** A client that sent `sentText` was answered with this comment. */
  acknowledged(comment: Comment, sentText = comment.text): void {
    const { id, text, nonce = "" } = comment;
    this.expectSent(comment);
    const words = () => `${nonce} with “${sentText}” was answered with “${text}”`;
    this.#verdict.expect(3, text === sentText, words, nonce, id);
    const known = this.#acknowledged.get(text) ?? { ids: new Set(), at: this.#verdict.now };
    known.ids.add(id);
    const isExact = comment.type !== "bot" || known.ids.size === 1;
    const both = () => `a bot's nonce ${nonce} has the ids ${[...known.ids].join(" and ")}`;
    this.#verdict.expect(3, isExact, both, nonce, id);
    this.#acknowledged.set(text, known);
    if (known.shownAt === undefined && this.#shownTexts.has(text)) this.#shownNow(known);
  }

  wasShown(id: string): boolean {
    return this.#shown.has(id);
  }

  /** A frame may name removals before any answer does, and a page that missed an earlier frame follows them. */
  announcedRemoved(ids: readonly string[]): void {
    for (const id of ids) this.#announcedRemoved.add(id);
  }

  /** Whether a client may have learned that this id is gone. */
  wasRemoved(id: string): boolean {
    return this.#removed.has(id) || this.#announcedRemoved.has(id) || this.#removals.mayBeGone(id);
  }

  /** Number of ids that are gone. */
  get gone(): number {
    return this.#removed.size;
  }

  wasRemovedBefore(id: string, time: number): boolean {
    return (this.#removed.get(id) ?? Number.POSITIVE_INFINITY) < time;
  }

  noticed({ id, text }: StoredComment, incarnation: number): void {
    if (!this.#shownTexts.has(text)) this.#notices.add(id, text, incarnation);
  }

  /** A cursor may come from the published snapshot: later deltas need not repeat the snapshot's comments. */
  published(document: string): void {
    for (const [, name = ""] of document.matchAll(/"(?:id|text)":"([^"]+)"/g))
      this.#published.add(name);
    for (const [, id = ""] of document.matchAll(/"id":"([^"]+)","removed":true/g))
      this.#announcedRemoved.add(id);
    // A page may learn of an undo from the snapshot first.
    const view = parseSpare(document)?.view;
    for (const { id } of view?.window ?? []) this.shownAt(id, view as WallView);
  }

  /** Checks a comment that the rebuilder answered; it took the request at `takenAt`. */
  told(comment: Comment, takenAt: number): void {
    const { id, botParams } = comment;
    this.#removals.expectGone("an answer", [comment], takenAt);
    const wanted = this.flags.at(id, takenAt);
    const isAsMarked = wanted === undefined || botParams.processed === wanted;
    const words = () =>
      `${id} was marked processed: ${wanted}, and is found with ${botParams.processed}`;
    this.#verdict.expect(5, isAsMarked, words, id);
  }

  /** Checks an answer of the rebuilder as it leaves; it took the request at `takenAt`. */
  synced(sync: Sync, takenAt: number, incarnation: number): void {
    if (sync.changes) for (const change of sync.changes) this.#take(sync.store, change);
    else this.#takeWindow(sync);
    const comments =
      sync.window ?? (sync.changes ?? []).flatMap((c) => ("comment" in c ? [c.comment] : []));
    for (const comment of comments)
      this.flags.expectAnswered(comment, sync, takenAt, this.#verdict);
    this.#removals.expectGone("an answer to a poll", comments, takenAt);
    this.#notices.expectAnswered(sync, takenAt, incarnation);
    this.progress.answered(sync, this.#verdict.now);
  }

  /** A frame with these ids has all changes after one sequence, up to another. */
  framed(from: Cursor, to: Cursor, ids: ReadonlySet<string>): void {
    for (let sequence = from.sequence + 1; sequence <= to.sequence; sequence += 1) {
      const place = `${to.store}.${sequence}`;
      const known = this.#changes.get(place);
      if (known === undefined) this.#framed.set(place, ids);
      else this.#expectFramed(JSON.parse(known), ids);
    }
  }

  /** An answer or a frame shows that a comment is there at this cursor: an earlier removal was undone. */
  shownAt(id: string, { store, sequence }: Cursor): void {
    const place = `${store}.${id}`;
    this.#shownAt.set(place, Math.max(sequence, this.#shownAt.get(place) ?? 0));
    const removed = this.#removedAt.get(store);
    if ((removed?.get(id) ?? sequence) < sequence) removed?.delete(id);
  }

  /** The ids that were removed in this store, and the sequence of each removal. */
  removedIn(store: string): ReadonlyMap<string, number> {
    return this.#removedAt.get(store) ?? new Map();
  }

  /** Checks comments as a client holds or receives them, oldest first. */
  expectOrder(name: string, comments: readonly Comment[]): void {
    this.#verdict.looked(3);
    const texts = new Set<string>();
    let before: Comment | undefined;
    for (const comment of comments) {
      const { id, text } = comment;
      if (before && compareIds(id, before.id) >= 0)
        this.#verdict.fail(3, `${name} has ${id} out of order`, name, id);
      if (texts.has(text) && !this.#foundTooLate.has(text))
        this.#verdict.fail(3, `${name} has “${text}” twice`, name, text, id);
      texts.add(text);
      this.expectSent(comment);
      before = comment;
    }
  }

  /**
   * A client at the newest cursor holds exactly the newest comments (`comments`, oldest first), and perhaps some of
   * its `own` that no read has returned yet.
   */
  expectNewest(
    name: string,
    { store, sequence }: Cursor,
    comments: readonly Comment[],
    own: ReadonlySet<string> = new Set(),
  ): void {
    const view = this.#view;
    if (!view || view.store !== store || view.sequence !== sequence) return;
    // A frame that a client could not place may have named a later removal. A page shows one of two copies.
    const isOpen = ({ id, text }: Comment) =>
      this.#announcedRemoved.has(id) || this.#foundTooLate.has(text);
    const newest = comments
      .filter(({ id }) => !own.has(id) || view.window.some((comment) => comment.id === id))
      .filter((comment) => !isOpen(comment))
      .slice(-WINDOW_SIZE)
      .reverse();
    const window = view.window.filter((comment) => !isOpen(comment));
    const wanted = window.slice(0, newest.length || 1);
    const missing = wanted.find(({ id }, index) => newest[index]?.id !== id);
    const words = () => `${name} at ${sequence} does not hold ${missing?.id} in its place`;
    this.#verdict.expect(4, missing === undefined, words, name, missing?.id ?? "");
  }

  /** After all faults: every acknowledged message is found once, and its key holds it. */
  expectAllFound(
    found: Map<string, Comment | null>,
    stored: (id: string) => string | null,
    isUndone: (id: string) => boolean,
  ): void {
    const { expect } = bound(this.#verdict);
    for (const [text, { ids }] of this.#acknowledged) {
      const live = new Set<string>();
      for (const id of ids) {
        const comment = found.get(id);
        if (comment) this.#removals.expectGone("a lookup", [comment], this.#verdict.now);
        if (!comment && this.#mayBeGone(ids)) continue;
        expect(1, !!comment, () => `“${text}” (${id}) was acknowledged but is not found`, text, id);
        if (!comment) continue;
        expect(3, comment.text === text, () => `${id} leads to another message`, text, id);
        // A message that an undo brought back keeps its id, and an unseen smaller copy follows it.
        const isOrdered = comment.id <= id || this.#removals.wasUndone(id);
        expect(3, isOrdered, () => `${id} was merged into a larger id`, text, id);
        live.add(comment.id);
        const { processed } = comment.botParams;
        const wanted = this.flags.at(comment.id, this.#verdict.now);
        const isAsMarked = wanted === undefined || processed === wanted || isUndone(comment.id);
        const words = () =>
          `${comment.id} was marked processed: ${wanted}, and reads as ${processed}`;
        expect(5, isAsMarked, words, text, comment.id);
      }
      const isGone = live.size === 0 && this.#mayBeGone(ids);
      const isOne = live.size === 1 || isGone || this.#foundTooLate.has(text);
      expect(3, isOne, () => `“${text}” is ${live.size} comments`, text);
      for (const id of live)
        if (!this.#dropped.has(id)) this.#expectKey(id, text, stored(id), isUndone(id));
    }
  }

  acknowledgedIds(isWanted: (text: string) => boolean = () => true): string[] {
    return [...this.#acknowledged].flatMap(([text, { ids }]) => (isWanted(text) ? [...ids] : []));
  }

  neverShown(): string[] {
    return [...this.#acknowledged].flatMap(([text, { ids, shownAt }]) =>
      shownAt === undefined && !this.#published.has(text) && !this.#mayBeGone(ids) ? [text] : [],
    );
  }

  /** The text of the message with this id. */
  textOf(id: string): string {
    return this.#texts.get(id) ?? "";
  }

  /** Whether a message may be gone, under this id or one that it was merged into. */
  mayBeGone(id: string): boolean {
    return this.#mayBeGone(this.#acknowledged.get(this.textOf(id))?.ids ?? new Set([id]));
  }

  /** Whether an answer or the published snapshot had the message, or it may be gone. */
  #isKnown(id: string, text: string): boolean {
    return this.#shownTexts.has(text) || this.#published.has(text) || this.#removals.mayBeGone(id);
  }

  #mayBeGone(ids: ReadonlySet<string>): boolean {
    return [...ids].some((id) => this.#removals.mayBeGone(id) || this.#dropped.has(id));
  }

  /**
   * Checks that the keys alone suffice to rebuild the wall. One exception: two attempts got one id from two clocks,
   * and the first, which was rejected, took effect after a bot's mark. Then only the journal has the mark.
   */
  #expectKey(id: string, text: string, value: string | null, isUndone: boolean): void {
    const { expect } = bound(this.#verdict);
    expect(1, value !== null, () => `the key of ${id} is gone`, id, text);
    const record = JSON.parse(value ?? "{}");
    expect(1, record.id === id, () => `the key of ${id} holds ${record.id}`, id, text);
    const wanted = this.flags.at(id, this.#verdict.now);
    const isAsMarked = isUndone || wanted === undefined || record.botParams?.processed === wanted;
    expect(5, isAsMarked, () => `the key of ${id} does not have processed: ${wanted}`, id, text);
  }

  /** Stops measuring lateness: from now on the checks ask for answers, not the clients. */
  endLateness(): void {
    this.#isLatenessOver = true;
  }

  #take(store: string, change: Change): void {
    const { sequence } = change;
    const body = JSON.stringify(change);
    const known = this.#changes.get(`${store}.${sequence}`) ?? body;
    const about = "comment" in change ? change.comment.id : change.removed;
    // A gone comment is erased from its earlier change, and stays erased.
    const isSame = known === body || ("removed" in change && known.includes(`"id":"${about}"`));
    this.#verdict.expect(10, isSame, () => `sequence ${sequence} was used twice`, about);
    this.#changes.set(`${store}.${sequence}`, body);
    const framed = this.#framed.get(`${store}.${sequence}`);
    if (framed) {
      this.#framed.delete(`${store}.${sequence}`);
      this.#expectFramed(change, framed);
    }
    if ("comment" in change) this.shownAt(about, { store, sequence });
    else if (sequence > (this.#shownAt.get(`${store}.${about}`) ?? 0)) {
      const removed = this.#removedAt.get(store) ?? new Map();
      this.#removedAt.set(store, removed.set(about, Math.max(sequence, removed.get(about) ?? 0)));
    }
    if (this.#view?.store === store && sequence === this.#view.sequence + 1)
      this.#view.apply(change);
    if ("comment" in change) this.#show(change.comment);
    else if (!this.#removed.has(change.removed))
      this.#removed.set(change.removed, this.#verdict.now);
  }

  #expectFramed(change: Change, ids: ReadonlySet<string>): void {
    const id = "comment" in change ? change.comment.id : change.removed;
    const words = () => `a frame that has passed ${change.sequence} lacks its change, ${id}`;
    this.#verdict.expect(14, ids.has(id), words, id);
  }

  #takeWindow({ store, sequence, window = [] }: Sync): void {
    const { expect } = bound(this.#verdict);
    const view = this.#view?.store === store ? this.#view : null;
    const before = view?.sequence ?? 0;
    expect(10, sequence >= before, () => `the sequence went back from ${before} to ${sequence}`);
    for (const comment of window) {
      this.#show(comment);
      this.shownAt(comment.id, { store, sequence });
    }
    this.expectOrder("the rebuilder", window.toReversed());
    const back = window.find(({ id }) => this.#removed.has(id) && !this.#removals.wasUndone(id));
    expect(3, back === undefined, () => `${back?.id} came back`, back?.id ?? "");
    if (view?.sequence === sequence) {
      const same = view.window.every(({ id }, index) => window[index]?.id === id);
      const words = () => `a full read at ${sequence} differs from the changes up to it`;
      expect(4, same && view.window.length === window.length, words);
    } else {
      this.#view = new WallView(store, sequence, window);
    }
  }

  #show(comment: Comment): void {
    this.expectSent(comment);
    if (this.#shown.has(comment.id)) return;
    this.#shown.add(comment.id);
    const first = this.#shownTexts.get(comment.text);
    if (first === undefined) this.#shownTexts.set(comment.text, comment.timestamp);
    else if (this.#verdict.ageOf(first) > NONCE_LIFETIME_MS) this.#foundTooLate.add(comment.text);
    const acknowledged = this.#acknowledged.get(comment.text);
    if (acknowledged && acknowledged.shownAt === undefined) this.#shownNow(acknowledged);
  }

  #shownNow(acknowledged: Acknowledged): void {
    acknowledged.shownAt = this.#verdict.now;
    if (!this.#isLatenessOver) this.lateness.push(this.#verdict.now - acknowledged.at);
  }
}

function bound(verdict: Verdict) {
  return { expect: verdict.expect.bind(verdict) };
}
