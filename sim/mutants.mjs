// @ts-check
// Bugs to plant, one at a time: each is a small change of the shipped code that must violate an invariant.
// Those with a `lesson` happened once in production, in the system that this wall replaces.

/** @typedef {import("../scripts/command/bundle.mjs").Patch} Patch */
/** @typedef {{ name: string, lesson?: true, ledger?: "kv" | "sqlite", patches: Patch[] }} Mutant */

/** @type {Mutant[]} */
export const MUTANTS = [
  {
    name: "keys list the oldest first: a rebuild finds the oldest 1,000",
    lesson: true,
    patches: [
      {
        file: "schema/id.ts",
        find: "String(LAST_TIMESTAMP - timestampOf(id))",
        replace: "String(timestampOf(id))",
      },
    ],
  },
  {
    name: "a limited read returns the oldest of the window",
    lesson: true,
    patches: [
      {
        file: "schema/view/wall-view.ts",
        find: "comments: this.#window.slice(0, limit),",
        replace: "comments: this.#window.slice(-limit),",
      },
    ],
  },
  {
    name: "the key is made from a second clock read",
    lesson: true,
    patches: [
      {
        file: "worker/entrypoint/posting.ts",
        find: "await ledger.append({ ...comment, sequence: 0 });",
        replace:
          "const id = comment.id.replace(/^\\d+/, (at) => String(Number(at) + 1));\n      await ledger.append({ ...comment, id, sequence: 0 });",
      },
    ],
  },
  {
    name: "a post reads the whole wall, adds to it and writes it back",
    lesson: true,
    patches: [
      {
        file: "worker/ledger/kv.ts",
        find: "  append(comment: StoredComment): Promise<void> {\n    return this.write(comment);",
        replace: `  async append(comment: StoredComment): Promise<void> {
    const all = JSON.parse((await this.#kv.get("all")) ?? "[]");
    await this.#put("all", JSON.stringify([...all, comment]));`,
      },
    ],
  },
  {
    name: "the cursor is the newest timestamp, so late arrivals are missed",
    lesson: true,
    patches: [
      {
        file: "schema/view/wall-view.ts",
        find: "const changes = this.logSince(since.sequence).slice(0, limit);",
        replace: `const seen = this.#log.filter(({ sequence }) => sequence <= since.sequence);
    const newest = Math.max(0, ...seen.map((c) => ("comment" in c ? c.comment.timestamp : 0)));
    const changes = this.logSince(since.sequence)
      .filter((c) => "removed" in c || c.comment.timestamp > newest)
      .slice(0, limit);`,
      },
    ],
  },
  {
    name: "the published snapshot expires",
    lesson: true,
    patches: [
      {
        file: "worker/ledger/kv.ts",
        find: "return this.#put(wallPrefix(this.#wall) + SPARE_KEY, document);",
        replace: `this.#operations.count("kv_write");
    return (this.#kv.put as any)(wallPrefix(this.#wall) + SPARE_KEY, document, { expirationTtl: 60 });`,
      },
    ],
  },
  {
    name: "comments that the list does not show are dropped",
    lesson: true,
    patches: [
      {
        file: "worker/writer/keys/search.ts",
        find: "    this.#listed = listed;",
        replace: `    for (const { id } of [...this.#state.held.comments])
      if (!listed.has(id)) this.#state.held.remove(id);
    this.#listed = listed;`,
      },
    ],
  },
  {
    name: "the window is made from the list alone",
    lesson: true,
    patches: [
      {
        file: "worker/writer/writer.ts",
        find: "window: [...view.window] };",
        replace: "window: view.window.slice(1) };",
      },
    ],
  },
  {
    name: "a known comment is read again, and a stale read resets its flag",
    lesson: true,
    patches: [
      {
        file: "worker/writer/lookup.ts",
        find: "const remembered = this.#state.known(known);\n    if (remembered) return remembered;\n    const entry",
        replace: "const entry",
      },
      {
        file: "worker/writer/lookup.ts",
        find: "if (!isExact && !this.#state.held.isBeyond(known)) {",
        replace:
          "if (this.#state.held.get(known) === undefined && isUnsettled(known, clock.now())) {",
      },
      {
        file: "worker/writer/lookup.ts",
        find: "return this.#state.withMarks(this.#state.known(looked.id) ?? looked);",
        replace: "return looked;",
      },
    ],
  },
  {
    name: "state is in memory only",
    lesson: true,
    patches: [
      {
        file: "worker/writer/sequencer.ts",
        find: 'journal.append({ kind: "changes", ...progress(), changes: part });',
        replace: "",
      },
    ],
  },
  {
    name: "a sequence is used again after an eviction",
    lesson: true,
    patches: [
      {
        file: "worker/writer/sequencer.ts",
        find: 'journal.append({ kind: "changes", ...progress(), changes: part });',
        replace:
          'if (part.length > 1) journal.append({ kind: "changes", ...progress(), changes: part });',
      },
    ],
  },
  {
    name: "the alarm is not set again after an error",
    lesson: true,
    patches: [
      {
        file: "worker/writer/beat.ts",
        find: "    else await this.#arm();\n    await this.rebuild();",
        replace:
          "    await this.rebuild();\n    if (!this.#isStopped && !this.#lastFailed) await this.#arm();",
      },
    ],
  },
  {
    name: "the cron does not restore a lost alarm",
    lesson: true,
    patches: [
      {
        file: "worker/writer/beat.ts",
        find: "if (!armed || this.#isLate()) {",
        replace: "if (this.#isLate()) {",
      },
    ],
  },
  {
    name: "every change is published at once",
    lesson: true,
    patches: [
      {
        file: "worker/writer/publisher.ts",
        find: "if (wait > PUBLISH_WAIT_MAX_MS || this.#publishing || this.#isClosed) return true;",
        replace: "",
      },
      {
        file: "worker/writer/publisher.ts",
        find: "if (wait > 0) await clock.sleep(wait);",
        replace: "",
      },
    ],
  },
  {
    name: "the snapshot is published again without a change",
    lesson: true,
    patches: [
      {
        file: "worker/writer/publisher.ts",
        find: "if (!this.#isOutdated && !isDueAgain) return true;",
        replace: "",
      },
    ],
  },
  {
    name: "two rebuilds may run at once",
    patches: [
      {
        file: "worker/writer/beat.ts",
        find: "this.#underWay ??= this.#rebuildOnce()",
        replace: "this.#underWay = this.#rebuildOnce()",
      },
    ],
  },
  {
    name: "requests share the promise of one refresh",
    lesson: true,
    patches: [
      {
        file: "worker/entrypoint/service.ts",
        find: "    await this.#refresher.refresh(query);\n",
        replace: `    const shared = replica as unknown as { refresh?: Promise<void> };
    shared.refresh ??= this.#refresher.refresh(query).finally(() => {
      delete shared.refresh;
    });
    await shared.refresh;
`,
      },
    ],
  },
  {
    name: "the page accepts an answer with a smaller cursor",
    lesson: true,
    patches: [
      {
        file: "client/wall/wall-store.ts",
        find: "if (start === null || start > 0 || start + step < 0) return false;",
        replace: "if (start === null || start > 0) return false;",
      },
    ],
  },
  {
    name: "an entrypoint accepts an older answer",
    patches: [
      {
        file: "worker/entrypoint/replica/replica.ts",
        find: "if (this.isAhead(sync) || !sync.window) return;",
        replace: "if (!sync.window) return;",
      },
    ],
  },
  {
    name: "an entrypoint serves its replica for ten seconds",
    patches: [
      {
        file: "worker/entrypoint/replica/refresher.ts",
        find: "READ_AGE_MAX_MS = 1_000;",
        replace: "READ_AGE_MAX_MS = 10_000;",
      },
    ],
  },
  {
    name: "an answer from the spare is not marked as one",
    patches: [
      {
        file: "worker/entrypoint/replica/replica.ts",
        find: "    if (this.#isSpare) read.spare = true;\n",
        replace: "",
      },
    ],
  },
  {
    name: "a retried nonce makes a second comment",
    patches: [
      {
        file: "worker/writer/state/nonces.ts",
        find: "if (comment.nonce === undefined) return undefined;",
        replace: "return undefined;",
      },
    ],
  },
  {
    name: "a nonce is forgotten when the journal rotates",
    patches: [
      {
        file: "worker/writer/state/nonces.ts",
        find: "this.#archives.push({ key, newest, filter });",
        replace: "",
      },
    ],
  },
  {
    name: "a restart forgets the archived nonces",
    patches: [
      {
        file: "worker/writer/state/state.ts",
        find: "state.nonces.ask(journal.archives(now - NONCE_LIFETIME_MS));",
        replace: "",
      },
    ],
  },
  {
    name: "the larger id of two copies stays",
    patches: [
      {
        file: "worker/writer/state/state.ts",
        find: "known !== comment.id && known < comment.id) {",
        replace: "known !== comment.id) {",
      },
    ],
  },
  {
    name: "a post is acknowledged before it is stored",
    patches: [
      {
        file: "worker/entrypoint/posting.ts",
        find: "await ledger.append({ ...comment, sequence: 0 });",
        replace: "background(ledger.append({ ...comment, sequence: 0 }));",
      },
    ],
  },
  {
    name: "a PATCH of a comment that is not visible yet answers 404",
    lesson: true,
    patches: [
      {
        file: "worker/writer/lookup.ts",
        find: 'return { state: isUnsettled(id, this.#parts.clock.now()) ? "unsettled" : "absent" };',
        replace: 'return { state: "gone" };',
      },
    ],
  },
  {
    name: "a listed key whose value is not visible yet is skipped forever",
    patches: [
      {
        file: "worker/writer/keys/search.ts",
        find: "if (entry === null) continue;",
        replace: 'if (entry === null) this.#passedOver.set(id, "corrupt");\n      else',
      },
    ],
  },
  {
    name: "a key whose write failed counts as written",
    patches: [
      {
        file: "worker/writer/keys/key-writer.ts",
        find: "this.expectPut(record.id);\n      return null;",
        replace: "return [record.id, record.sequence];",
      },
    ],
  },
  {
    name: "a notice waits for the next rebuild",
    patches: [
      {
        file: "worker/writer/writer.ts",
        find: "    await this.#beat.beBuilt();\n    this.#sequencer.commit();\n    const { view } = this.#state;",
        replace: "    await this.#beat.beBuilt();\n    const { view } = this.#state;",
      },
    ],
  },
  {
    name: "the sweep beyond the newest page of the list is missing",
    patches: [
      { file: "worker/writer/beat.ts", find: "await this.#parts.work.sweep();", replace: "" },
    ],
  },
  {
    name: "each rebuild reads every listed comment again",
    lesson: true,
    patches: [
      {
        file: "worker/writer/keys/search.ts",
        find: "if (!this.#isKnown(id) && !this.#awaited.has(id)) this.#awaited.set(id, now);",
        replace: "this.#awaited.set(id, now);",
      },
      {
        file: "worker/writer/keys/search.ts",
        find: "if (this.#isKnown(id) || since < outdated) this",
        replace: "if (since < outdated) this",
      },
    ],
  },
  {
    name: "a corrupt value makes the rebuild fail",
    patches: [
      {
        file: "worker/writer/keys/search.ts",
        find: 'if (entry === "corrupt") this.#passedOver.set(id, "corrupt");',
        replace: 'if (entry === "corrupt") throw new Error("corrupt");',
      },
    ],
  },
  {
    name: "a read of a late cache starts no rebuild",
    patches: [
      {
        file: "worker/writer/beat.ts",
        find: "    this.wake();\n    if (this.#rebuiltAt === 0)",
        replace: "    if (this.#rebuiltAt === 0)",
      },
    ],
  },
  {
    name: "a comment that enters the window again makes no change",
    patches: [
      {
        file: "worker/writer/sequencer.ts",
        find: "return this.#isWindowShort ? committed + this.#reenter() : committed;",
        replace: "return committed;",
      },
    ],
  },
  {
    name: "the past continues after the listed page even if that is not used up",
    patches: [
      {
        file: "worker/entrypoint/past/history.ts",
        find: "const cursor = page ? page.cursor : (end?.next ?? end?.cursor);",
        replace: "const cursor = end?.next ?? page?.cursor;",
      },
    ],
  },
  {
    name: "the past is read from the keys alone",
    patches: [
      {
        file: "worker/entrypoint/past/history.ts",
        find: "const overlay = await parts.overlay(stretch, listed);",
        replace:
          "const asked = await parts.overlay(stretch, listed);\n  const overlay = asked && { held: [], marks: [] };",
      },
    ],
  },
  {
    name: "a page of the past begins one comment too late",
    patches: [
      {
        file: "worker/entrypoint/past/history.ts",
        find: "const { ids, pages } = await seek(before, limit, parts);",
        replace:
          "const sought = await seek(before, limit, parts);\n  const { pages } = sought;\n  const ids = sought.ids.slice(1);",
      },
    ],
  },
  {
    name: "a claim is kept in the comment's own key",
    lesson: true,
    patches: [
      {
        file: "worker/writer/writer.ts",
        find: "new ClaimDesk({ clock, journal, claims: this.#claims, lookup });",
        replace:
          "new ClaimDesk({ clock, journal, claims: this.#claims, lookup, ledger } as never);",
      },
      {
        file: "worker/writer/claim-desk.ts",
        find: "const live = claims.live(comment.id, now);",
        replace: `const { ledger } = this.#parts as never as { ledger: any };
    const stored = (await ledger.read([comment.id])).get(comment.id);
    const { claimedBy = "", claimedUntil = 0 } = stored?.botParams ?? {};
    const live = claimedUntil > now ? { bot: claimedBy, until: claimedUntil } : undefined;`,
      },
      {
        file: "worker/writer/claim-desk.ts",
        find: "    journal.claim(claim);\n",
        replace: `    const botParams = { ...comment.botParams, claimedBy: bot, claimedUntil: until };
    await ledger.write({ ...comment, botParams });
`,
      },
    ],
  },
  {
    name: "a claim is in memory only",
    patches: [
      { file: "worker/writer/claim-desk.ts", find: "    journal.claim(claim);\n", replace: "" },
    ],
  },
  {
    name: "a processed comment can be claimed",
    patches: [
      {
        file: "worker/writer/claim-desk.ts",
        find: 'if (comment.botParams.processed) return { state: "processed" };',
        replace: "",
      },
    ],
  },
  {
    name: "an expired claim does not free its comment",
    patches: [
      {
        file: "worker/writer/claims.ts",
        find: "return claim && claim.until > now ? claim : undefined;",
        replace: "return claim;",
      },
      {
        file: "worker/writer/claims.ts",
        find: "flatMap(({ id, until }) => (until > now ? id : []));",
        replace: "map(({ id }) => id);",
      },
      {
        file: "worker/writer/claims.ts",
        find: "if (until <= now) this.#byId.delete(id);",
        replace: "if (until < 0) this.#byId.delete(id);",
      },
    ],
  },
  {
    name: "a bot's nonce is only deduplicated like a person's",
    patches: [
      {
        file: "worker/entrypoint/posting.ts",
        find: 'if (comment.type === "bot" && comment.nonce !== undefined) return this.#postExactly(comment);',
        replace: "",
      },
    ],
  },
  {
    name: "a processed comment stays pending",
    patches: [
      {
        file: "worker/writer/state/state.ts",
        find: "else this.pending.remove(id);",
        replace: "",
      },
    ],
  },
  {
    name: "a bot's own messages wait behind those for nobody",
    patches: [
      {
        file: "worker/writer/state/pending.ts",
        find: "    answer.fill(this.#byUrgency, isOwn, 0.5);\n",
        replace: "",
      },
    ],
  },
  {
    name: "a bot that asks for its own messages gets those for nobody too",
    patches: [
      {
        file: "worker/writer/state/pending.ts",
        find: "if (addressed) return answer.fill(this.#byUrgency, isOwn);",
        replace: "",
      },
    ],
  },
  {
    name: "a removal is in memory only",
    patches: [
      {
        file: "worker/writer/sequencer.ts",
        find: 'journal.append({ kind: "changes", ...progress(), changes: part });',
        replace: `const nobody = "0000000000000-0000000000";
      const kept = part.map((change) => "removed" in change.record ? { record: { ...change.record, id: nobody } } : change);
      journal.append({ kind: "changes", ...progress(), changes: kept });`,
      },
    ],
  },
  {
    name: "a removal leaves no tombstone in memory",
    patches: [
      {
        file: "worker/writer/state/marks.ts",
        find: "    this.set({ id, sequence, at, removed: true, ...(isCopy && { isCopy }) });\n",
        replace: "",
      },
    ],
  },
  {
    name: "a removal does not overwrite the comment's key",
    patches: [
      {
        file: "worker/record.ts",
        find: "return { record: { id, removed: true, sequence: 0 }, unwritten: true };",
        replace: "return { record: { id, removed: true, sequence: 0 } };",
      },
    ],
  },
  {
    name: "the past ignores removals",
    patches: [
      {
        file: "worker/entrypoint/past/history.ts",
        find: "markOf.get(id)?.mergedInto || markOf.get(id)?.removed;",
        replace: "markOf.get(id)?.mergedInto;",
      },
    ],
  },
  {
    name: "another copy of a removed message takes its place",
    patches: [
      {
        file: "worker/writer/state/state.ts",
        find: "if (this.isRemoved(comment.id)) {",
        replace: "if (known === comment.id && this.isRemoved(known)) {",
      },
    ],
  },
  {
    name: "the tombstone is written once, so a late put undoes it",
    patches: [
      {
        file: "worker/writer/keys/key-writer.ts",
        find: "if (now >= finalFrom) return true;",
        replace: "return true;",
      },
    ],
  },
  {
    name: "the journal keeps the text of a removed comment",
    patches: [
      {
        file: "worker/writer/sequencer.ts",
        find: "if (gone.length > 0) journal.erase(gone);",
        replace: "",
      },
    ],
  },
  {
    name: "a removal counts as done before its text is erased",
    patches: [
      {
        file: "worker/writer/sequencer.ts",
        find: "        if (gone.length > 0) journal.erase(gone);\n",
        replace: "",
      },
      {
        file: "worker/writer/sequencer.ts",
        find: "        if (moved) claims.put(moved);\n      }\n",
        replace:
          "        if (moved) claims.put(moved);\n      }\n      if (gone.length > 0) journal.erase(gone);\n",
      },
    ],
  },
  {
    name: "sqlite: a message is acknowledged before it is durable",
    ledger: "sqlite",
    patches: [
      {
        file: "worker/entrypoint/posting.ts",
        find: "const accepted = await asker.ask((writer) => writer.append(draft, network));",
        replace: `void asker.ask((writer) => writer.append(draft, network)).catch(() => {});
        const accepted = { comment: draft, isNew: true };`,
      },
    ],
  },
  {
    name: "sqlite: a restart forgets the messages since the last checkpoint",
    ledger: "sqlite",
    patches: [
      {
        file: "worker/journal/message-journal.ts",
        find: "if (row.sequence > start) yield birthOf(row);",
        replace: "",
      },
    ],
  },
  {
    name: "sqlite: a restart forgets the nonces of the messages since the last checkpoint",
    ledger: "sqlite",
    patches: [
      {
        file: "worker/writer/state/state.ts",
        find: "if (record.nonce !== undefined || born) this.nonces.remember(id);",
        replace: "if (born !== true || at !== timestampOf(id)) this.nonces.remember(id);",
      },
    ],
  },
  {
    name: "sqlite: ids follow a clock that steps back",
    ledger: "sqlite",
    patches: [
      {
        file: "worker/writer/intake.ts",
        find: "const timestamp = Math.max(now, messages.newest() + 1);",
        replace: "const timestamp = now;",
      },
    ],
  },
  {
    name: "sqlite: a flag is in the journal but not in the message's row",
    ledger: "sqlite",
    patches: [
      {
        file: "worker/journal/message-journal.ts",
        find: "if (unwritten || !this.#messages.get(record.id))",
        replace: 'if (unwritten && !("text" in record))',
      },
    ],
  },
  {
    name: "sqlite: a removal leaves the text in the message's row",
    ledger: "sqlite",
    patches: [
      {
        file: "worker/journal/message-journal.ts",
        find: "if (unwritten || !this.#messages.get(record.id))",
        replace: 'if (unwritten && "text" in record)',
      },
    ],
  },
  {
    name: "sqlite: a change sets no alarm",
    ledger: "sqlite",
    patches: [
      {
        file: "worker/writer/change-beat.ts",
        find: "this.#arm(Math.max(clock.now() + REBUILD_INTERVAL_MS, publisher.dueAt ?? 0));",
        replace: "",
      },
    ],
  },
  {
    name: "sqlite: a page of the past begins one message too late",
    ledger: "sqlite",
    patches: [
      {
        file: "worker/writer/records.ts",
        find: "const page = comments.slice(0, limit);",
        replace: "const page = comments.slice(1, limit + 1);",
      },
    ],
  },
  {
    name: "sqlite: an alarm that is due in minutes is enough for a change",
    ledger: "sqlite",
    patches: [
      {
        file: "worker/writer/change-beat.ts",
        find: "const isArmedInTime = this.#armedFor !== null && this.#armedFor <= at;",
        replace: "const isArmedInTime = this.#armedFor !== null;",
      },
    ],
  },
  {
    name: "a day: nonces are forgotten after a quarter of it",
    patches: [
      {
        file: "worker/writer/state/state.ts",
        find: "this.nonces.forgetBefore(now - NONCE_LIFETIME_MS);",
        replace: "this.nonces.forgetBefore(now - NONCE_LIFETIME_MS / 4);",
      },
    ],
  },
  {
    name: "a day: pending comments are forgotten after a quarter of it",
    patches: [
      {
        file: "worker/writer/state/state.ts",
        find: "this.pending.forgetBefore(now - PENDING_LIFETIME_MS);",
        replace: "this.pending.forgetBefore(now - PENDING_LIFETIME_MS / 4);",
      },
    ],
  },
  {
    name: "a day: a removal is remembered for a second",
    patches: [
      {
        file: "worker/writer/state/marks.ts",
        find: "return removed ? REMOVAL_MARK_LIFETIME_MS : MARK_LIFETIME_MS;",
        replace: "return removed ? 1_000 : MARK_LIFETIME_MS;",
      },
    ],
  },
  {
    name: "a text may have any length, as imports once allowed",
    patches: [
      {
        file: "schema/limits.ts",
        find: "TEXT_MAX_CHARACTERS = 1_000;",
        replace: "TEXT_MAX_CHARACTERS = 1_000_000;",
      },
    ],
  },
  {
    name: "sqlite: a step with a rejected write is half done",
    ledger: "sqlite",
    patches: [
      {
        file: "worker/journal/sqlite.ts",
        find: "return this.#sql.transaction(work);",
        replace: "return work();",
      },
    ],
  },
  {
    name: "a KV call has no deadline",
    patches: [
      {
        file: "worker/ledger/kv.ts",
        find: "this.#kv = withDeadlines(kv, clock);",
        replace: "this.#kv = kv;",
      },
    ],
  },
  {
    name: "each isolate asks by itself",
    patches: [
      {
        file: "worker/entrypoint/replica/shared-wall.ts",
        find: 'this.#put("asking", () => JSON.stringify(asking), ASKING_LIFETIME_MS);',
        replace: "void asking;",
      },
    ],
  },
  {
    name: "a failed cache counts as an unavailable rebuilder",
    patches: [
      {
        file: "worker/entrypoint/replica/shared-wall.ts",
        find: "      this.#logFailure(error);\n      return undefined;",
        replace: "      this.#logFailure(error);\n      throw error;",
      },
    ],
  },
  {
    name: "a flag on an older message gives its nonce back to it",
    patches: [
      {
        file: "worker/writer/state/nonces.ts",
        find: "? id < known : id > known))",
        replace: "? id < known : true))",
      },
    ],
  },
  {
    name: "posts are accepted while posting is paused",
    patches: [
      {
        file: "worker/entrypoint/service.ts",
        find: "isPaused: () => this.#refresher.isPaused(),",
        replace: "isPaused: async () => false,",
      },
    ],
  },
  {
    name: "a time from a clock that was ahead is believed",
    patches: [
      {
        file: "worker/writer/beat.ts",
        find: "if (this.#rebuiltAt > latest) this.#rebuiltAt = now - CACHE_LATE_MS - 1;",
        replace: "",
      },
    ],
  },
  {
    name: "a call is retried at once while the rebuilder is overloaded",
    patches: [
      {
        file: "worker/contract/asker.ts",
        find: "?.retryable === true && !isOverloaded(error);",
        replace: "?.retryable === true || isOverloaded(error);",
      },
    ],
  },
  {
    name: "sqlite: an undone removal leaves the message's row removed",
    ledger: "sqlite",
    patches: [
      {
        file: "worker/ledger/messages.ts",
        find: 'return !("text" in stored) || stored.undone === true;',
        replace: 'return !("text" in stored);',
      },
    ],
  },
  {
    name: "a late put undoes a flag",
    patches: [
      {
        file: "worker/writer/keys/key-writer.ts",
        find: "Math.max(afterMark, now + this.#lateMs(id));",
        replace: "afterMark;",
      },
    ],
  },
  {
    name: "the writer of a wall that was moved goes on publishing",
    patches: [
      {
        file: "worker/writer/writer.ts",
        find: "    this.#publisher.close();\n",
        replace: "",
      },
    ],
  },
  {
    name: "the text of a copy that is merged during a move stays in its key",
    patches: [
      {
        file: "worker/writer/object.ts",
        find: "rebuilder.records.unwritten().filter(isStoredComment);",
        replace: 'rebuilder.records.unwritten().filter((record) => !("removed" in record));',
      },
    ],
  },
  {
    name: "a move loses changes made while it verifies",
    patches: [
      {
        file: "worker/writer/moving/move.ts",
        find: 'if (this.#state === null || this.#state.phase === "done") return;',
        replace:
          'if (this.#state === null || ["verifying", "done"].includes(this.#state.phase)) return;',
      },
    ],
  },
  {
    name: "a removed text is returned to a poster of its nonce",
    patches: [
      {
        file: "worker/entrypoint/replica/replica.ts",
        find: 'if ("removed" in change) this.#forgetPost(change.removed);',
        replace: "",
      },
    ],
  },
  {
    name: "live: a pong vouches for the wall",
    ledger: "sqlite",
    patches: [
      {
        file: "client/live/channel.ts",
        find: 'if (typeof data !== "string") this.counts.unreadable += 1;',
        replace: `if (data === PONG) this.#readAt = this.#moment();
    if (typeof data !== "string") this.counts.unreadable += 1;`,
      },
    ],
  },
  {
    name: "live: the page does not compare cursors",
    patches: [
      {
        file: "client/live/channel.ts",
        find: "return cursor !== null && !hasMore && this.#options.wall.store.query().since === cursor;",
        replace: "return cursor !== null && !hasMore;",
      },
    ],
  },
  {
    name: "live: a frame is sent before its changes are journaled",
    ledger: "sqlite",
    patches: [
      {
        file: "worker/writer/sequencer.ts",
        find: 'journal.append({ kind: "changes", ...progress(), changes: part });',
        replace: `void clock
        .sleep(500)
        .then(() => journal.append({ kind: "changes", ...progress(), changes: part }))
        .catch(() => {});`,
      },
    ],
  },
  {
    name: "live: a frame leaves out the last change of its batch",
    ledger: "sqlite",
    patches: [
      {
        file: "worker/live/hub.ts",
        find: "const { more, ...read } = source.read(this.#told, limit);",
        replace: `const { more, ...all } = source.read(this.#told, limit);
      const comments = all.comments.length > 1 ? all.comments.slice(0, -1) : all.comments;
      const read = { ...all, comments };`,
      },
    ],
  },
  {
    name: "live: the hub starts from the cursor after the first commit",
    ledger: "sqlite",
    patches: [
      {
        file: "worker/live/hub.ts",
        find: "  #tell(): void {\n    const { source, log } = this.#parts;",
        replace: `  #tell(): void {
    const { source, log } = this.#parts;
    if (this.#toldAt === Number.NEGATIVE_INFINITY) {
      this.#told = source.cursor;
      this.#toldAt = 0;
    }`,
      },
    ],
  },
  {
    name: "live: a post ignores its nonce",
    ledger: "sqlite",
    patches: [
      {
        file: "worker/live/room.ts",
        find: "      suffixes,\n      limits: limits(wall),",
        replace: `      suffixes: { ...suffixes, ofNonce: () => suffixes.random() },
      limits: limits(wall),`,
      },
    ],
  },
  {
    name: "live: a post is acknowledged before it is stored",
    ledger: "sqlite",
    patches: [
      {
        file: "worker/live/room.ts",
        find: "posting: () => new DirectPosting((draft, from) => writer.append(draft, from), noteSender),",
        replace: `posting: () => ({
        post: async (comment: Parameters<Writer["firstCopy"]>[0]) => {
          void clock.sleep(300).then(() => writer.append({ ...comment, sequence: 0 }));
          return { ok: true as const, value: { comment, created: true } };
        },
      }),`,
      },
    ],
  },
  {
    name: "live: the first frame starts from the wall's cursor, not from the page's",
    patches: [
      {
        file: "worker/live/hub.ts",
        find: "this.#frame(since, { ...read, ...terms }, sockets().length)",
        replace: "this.#frame(source.cursor, { ...read, ...terms }, sockets().length)",
      },
    ],
  },
  {
    name: "live: frames do not name what was removed",
    patches: [
      {
        file: "worker/live/hub.ts",
        find: "{ since: formatCursor(since), auditS, ...read }",
        replace: "{ since: formatCursor(since), auditS, ...read, removed: [] }",
      },
    ],
  },
  {
    name: "live: a wall that was moved keeps its sockets",
    patches: [
      {
        file: "worker/writer/object.ts",
        find: 'this.live.end("moved");',
        replace: "",
      },
    ],
  },
  {
    name: "live: a page that does not read is never closed",
    patches: [
      {
        file: "worker/live/hub.ts",
        find: "if (unseen + bytes > LIVE_UNSEEN_MAX_BYTES) {",
        replace: "if (Number.isNaN(unseen + bytes)) {",
      },
    ],
  },
  {
    name: "own: a wrong secret takes a message down",
    patches: [
      {
        file: "worker/writer/moderation/secret.ts",
        find: 'return timingSafeEqual(sent, digest(secretHash ?? "")) && secretHash !== undefined;',
        replace: "return sent.length > 0 && secretHash !== undefined;",
      },
    ],
  },
  {
    name: "own: answers show the hash of the author's secret",
    patches: [
      {
        file: "worker/record.ts",
        find: "const { sequence: _sequence, secretHash: _secretHash, ...shown } = comment;",
        replace: "const { sequence: _sequence, ...shown } = comment;",
      },
    ],
  },
  {
    name: "own: a message can be taken down at any time",
    patches: [
      {
        file: "worker/writer/moderation/removals.ts",
        find: "if (clock.now() - comment.timestamp > OWN_REMOVAL_MS) return",
        replace: "if (Number.isNaN(clock.now() - OWN_REMOVAL_MS)) return",
      },
    ],
  },
];
