import { useEffect, useRef, useState } from "react";
import { adminApi } from "#client/admin/api";
import { keptToken } from "#client/admin/token";
import { useAdminWall } from "#client/admin/use-admin-wall";
import { useModeration } from "#client/admin/use-moderation";
import { useReports } from "#client/admin/use-reports";
import { counted, refusalWords, senderWords } from "#client/admin/words";
import { ApiError } from "#client/api/request";
import { AdminRow } from "#components/admin/admin-row";
import { AuditLog } from "#components/admin/audit-log";
import { BlockDialog } from "#components/admin/block-dialog";
import { BlockList } from "#components/admin/block-list";
import { PauseControl } from "#components/admin/pause-control";
import { type RemovalChoice, RemoveDialog } from "#components/admin/remove-dialog";
import { ReportedList } from "#components/admin/reported-list";
import type { Comment } from "#schema/comment";
import type { AuditEntry, SenderBlock } from "#schema/moderation";

const api = adminApi(keptToken);

interface AdminDeskProps {
  /** Called when the wall rejects the token. */
  onRefused: () => void;
}

/** Pause, search, removal, blocks and the audit log. */
export function AdminDesk({ onRefused }: AdminDeskProps) {
  const { moderation, failure, reread } = useModeration(api);
  const reports = useReports(api);
  const [words, setWords] = useState("");
  const wall = useAdminWall(words);
  const [removing, setRemoving] = useState<Comment | null>(null);
  const [blocking, setBlocking] = useState<Comment | null>(null);
  const [done, setDone] = useState<{ words: string } | null>(null);
  const doneLine = useRef<HTMLParagraphElement>(null);

  const isRefused = failure instanceof ApiError && [401, 403].includes(failure.status);
  useEffect(() => {
    if (isRefused) onRefused();
  }, [isRefused, onRefused]);

  const remove = async ({ id, username }: Comment, { reason, all, replies }: RemovalChoice) => {
    const removed = all ? await api.removeSender(id, reason, replies) : null;
    if (!removed) await api.remove(id, reason, replies);
    wall.hide(id);
    setRemoving(null);
    setDone({
      words: removed ? senderWords(removed) : `Removed a message by ${username}.`,
    });
    rereadAll();
  };
  const block = async ({ id, username }: Comment, hours: 1 | 24, reason: string) => {
    await api.block(id, hours, reason);
    setBlocking(null);
    setDone({ words: `Blocked the sender of a message by ${username}.` });
    rereadAll();
  };
  /** Runs an action that has no dialog of its own, and shows its result or why it failed. */
  const act = async (action: () => Promise<string>) => {
    try {
      setDone({ words: await action() });
    } catch (failed) {
      setDone({ words: refusalWords(failed) });
    }
    rereadAll();
  };
  const rereadAll = () => {
    void reread();
    void reports.reread();
  };
  const dismiss = ({ id, username }: Comment) =>
    act(async () => {
      await api.dismiss(id);
      return `Dismissed the reports of a message by ${username}.`;
    });
  const undo = ({ id }: AuditEntry) =>
    act(async () => {
      const { restored, done: isDone } = await api.undo(id);
      wall.unhide();
      const words = `Brought back ${counted(restored, "message", "messages")}`;
      return isDone ? `${words}.` : `${words} so far. The rest follow in the background.`;
    });
  const unblock = ({ id }: SenderBlock) =>
    act(async () => {
      await api.unblock(id);
      return "Ended the block.";
    });
  // The focused button disappeared with its row, so move the focus to the result.
  useEffect(() => {
    if (done) doneLine.current?.focus();
  }, [done]);

  return (
    <>
      {failure !== undefined && (
        <p role="alert" className="mb-3 text-[var(--alarm)]">
          {refusalWords(failure)}
        </p>
      )}
      {moderation && (
        <PauseControl
          isPaused={moderation.paused}
          onChange={async (paused, reason) => {
            await api.pause(paused, reason);
            await reread();
          }}
        />
      )}
      {moderation?.removing?.map(({ sender, removed }) => (
        <p key={sender} className="mt-2 text-quiet tabular-nums">
          Removing one sender's messages: {removed} so far.
        </p>
      ))}
      <BlockList blocks={moderation?.blocks ?? []} onEnd={unblock} />
      <div className="admin-columns">
        <div>
          <ReportedList
            reported={reports.reported}
            onRemove={setRemoving}
            onBlock={setBlocking}
            onDismiss={dismiss}
          />
          <section aria-label="Messages" className="mt-4">
            <search className="flex flex-wrap items-center gap-2 text-small">
              <input
                type="search"
                aria-label="Search"
                placeholder="Search words or names"
                value={words}
                className="search-field min-w-0 flex-[1_1_12rem]"
                onChange={(event) => setWords(event.target.value)}
              />
              <span className="text-quiet tabular-nums">
                {wall.found} of {wall.held} loaded
              </span>
            </search>
            <p ref={doneLine} role="status" tabIndex={-1} className="mt-2 text-quiet empty:hidden">
              {done?.words}
            </p>
            <ul className="mt-3 flex flex-col gap-3">
              {wall.shown.map((comment) => (
                <AdminRow
                  key={comment.id}
                  comment={comment}
                  query={words}
                  onRemove={setRemoving}
                  onBlock={setBlocking}
                />
              ))}
            </ul>
            {wall.loaded && wall.hasMore && (
              <button type="button" className="small-button mt-4" onClick={() => void wall.more()}>
                Load older messages
              </button>
            )}
          </section>
        </div>
        {moderation && (
          <AuditLog entries={moderation.audit} offers={moderation.undo ?? []} onUndo={undo} />
        )}
      </div>
      {removing && (
        <RemoveDialog
          api={api}
          comment={removing}
          onConfirm={(choice) => remove(removing, choice)}
          onClose={() => setRemoving(null)}
        />
      )}
      {blocking && (
        <BlockDialog
          api={api}
          comment={blocking}
          onConfirm={(hours, reason) => block(blocking, hours, reason)}
          onClose={() => setBlocking(null)}
        />
      )}
    </>
  );
}
