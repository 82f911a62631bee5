/** A separate rebuilder on an object's real storage, with the time set by the test. */

import { SqliteJournal } from "#worker/journal/sqlite";
import { type KvBinding, KvLedger } from "#worker/ledger/kv";
import { SqliteMessages } from "#worker/ledger/sqlite-messages";
import type { Clock } from "#worker/platform/clock";
import type { Log } from "#worker/platform/log";
import { Operations } from "#worker/platform/operations";
import type { Alarm } from "#worker/writer/beat";
import { KeptMessages } from "#worker/writer/moderation/kept";
import { Reports } from "#worker/writer/moderation/reports";
import { SqliteModeration } from "#worker/writer/moderation/sqlite-moderation";
import { Writer } from "#worker/writer/writer";
import { env, LEDGER, type Wall } from "./wall";

export function openWriter(
  wall: Wall,
  state: DurableObjectState,
  {
    now,
    sleep = async () => {},
    patience,
    kv = env.LEDGER_KV as unknown as KvBinding,
    operations = new Operations(),
    alarm = { get: async () => null, set: async () => {} },
    log = () => {},
  }: {
    now: () => number;
    sleep?: Clock["sleep"];
    /** Sleeps through the ledger's deadlines. */
    patience?: Clock["sleep"];
    kv?: KvBinding;
    operations?: Operations;
    alarm?: Alarm;
    log?: Log;
  },
) {
  const journal = new SqliteJournal(state.storage, operations);
  const head = journal.head() ?? { wall: wall.name, store: "teststor", birth: now() };
  if (!journal.head()) journal.create(head);
  const ledger = new KvLedger(kv, wall.name, operations, patience && { sleep: patience });
  return new Writer({
    head,
    clock: { now, sleep },
    ledger,
    ...(LEDGER === "sqlite" && { messages: new SqliteMessages(state.storage, operations) }),
    spare: ledger,
    journal,
    moderation: new SqliteModeration(state.storage, operations),
    reports: new Reports(state.storage, operations),
    kept: new KeptMessages(state.storage, operations),
    alarm,
    operations,
    meter: { rebuilt: () => {}, failed: () => {} },
    log,
    version: "test",
    newStoreName: () => "othrstor",
  });
}
