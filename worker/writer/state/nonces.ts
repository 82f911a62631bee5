/**
 * Maps the nonces of the last 24 hours to their messages.
 *
 * At 1,000 messages a minute that is 1.4 million, too many to hold as text. So only those of the journal's current
 * generation are in memory; the others are read from the archive that may have them, one row for each closed
 * generation.
 */
import type { StoredComment } from "#schema/comment";
import { isSameMessage, suffixOf, timestampOf } from "#schema/id";
import type { NonceArchive, NonceSource } from "../../journal/journal";
import { chunks } from "../../platform/chunks";
import { hashOf, SuffixFilter } from "./suffix-filter";

/** Ids in one archive: an id is 27 bytes there, a row holds at most 2 MB. */
const ARCHIVE_IDS_MAX = 20_000;

interface Archive {
  key: number;
  newest: number;
  filter: SuffixFilter;
}

/**
 * All copies of one message share their id's suffix, a digest of the nonce and its sender, so the suffix stands for
 * the nonce.
 */
export class Nonces {
  readonly #source: NonceSource;
  readonly #salt = Math.floor(Math.random() * 2 ** 32);
  /** The ids that are in no archive yet, by suffix. */
  readonly #recent = new Map<string, string>();
  /** Oldest first. */
  #archives: Archive[] = [];

  constructor(source: NonceSource) {
    this.#source = source;
  }

  /**
   * If two copies of one message come, the smaller id stays. If two messages come days apart, the nonce names the
   * newer one, even if the older one is changed later.
   */
  remember(id: string): void {
    const suffix = suffixOf(id);
    const known = this.#recent.get(suffix);
    if (known === undefined || (isSameMessage(id, known) ? id < known : id > known))
      this.#recent.set(suffix, id);
  }

  /** Remembers a removed message, unless its nonce names another one by now. Never throws: its removal is journaled. */
  recall(id: string): void {
    try {
      if (this.ofCopy(id) !== undefined) return;
    } catch {
      // The archive can't be read.
    }
    this.remember(id);
  }

  /** The id under which the message is known, when another copy of it came within 24 hours. */
  find(comment: Pick<StoredComment, "id" | "nonce">): string | undefined {
    if (comment.nonce === undefined) return undefined;
    return this.ofCopy(comment.id);
  }

  /** The same for an id alone: without a nonce, no two suffixes are equal. */
  ofCopy(copy: string): string | undefined {
    const suffix = suffixOf(copy);
    const recent = this.#recent.get(suffix);
    if (recent !== undefined && isSameMessage(recent, copy)) return recent;
    const hash = hashOf(suffix, this.#salt);
    // A later archive takes precedence over an earlier one.
    for (let index = this.#archives.length - 1; index >= 0; index -= 1) {
      const { key, filter } = this.#archives[index] as Archive;
      if (!filter.mayHold(hash)) continue;
      const id = this.#source.archivedId(key, suffix);
      if (id !== null && isSameMessage(id, copy)) return id;
    }
    return undefined;
  }

  /** The nonces that are in no archive yet, as archives. */
  toArchive(): NonceArchive[] {
    return [...chunks([...this.#recent.values()], ARCHIVE_IDS_MAX)].map((ids) => ({
      newest: ids.reduce((newest, id) => Math.max(newest, timestampOf(id)), 0),
      ids,
    }));
  }

  /** Adds archives to search, newer than the earlier ones. */
  ask(archives: Iterable<NonceArchive & { key: number }>): void {
    for (const { key, newest, ids } of archives) {
      const filter = new SuffixFilter(ids.map((id) => hashOf(suffixOf(id), this.#salt)));
      this.#archives.push({ key, newest, filter });
    }
  }

  /** Begins a new generation: the recent nonces are in an archive by now. */
  beginGeneration(): void {
    this.#recent.clear();
  }

  forgetBefore(time: number): void {
    for (const [suffix, id] of this.#recent)
      if (timestampOf(id) < time) this.#recent.delete(suffix);
    this.#archives = this.#archives.filter(({ newest }) => newest >= time);
  }
}
