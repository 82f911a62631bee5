import { mutedSetting } from "#client/browser/settings";
import { setLink } from "#client/chat/link";
import { type Author, withoutMute } from "#client/chat/mutes";
import { HelpDialog } from "#components/chat/help-dialog";
import { ReportDialog } from "#components/chat/report-dialog";
import { TakeDownDialog } from "#components/chat/take-down-dialog";
import { MessageDialog } from "#components/message/message-dialog";
import type { RowActions } from "#components/message/row-actions";

export type DialogState =
  | { kind: "help" }
  | { kind: "message"; id: string; muted: Author | undefined }
  | { kind: "report"; id: string }
  | { kind: "takeDown"; id: string };

interface WallDialogProps {
  open: DialogState;
  ownName: string;
  actions: RowActions;
  onClose: () => void;
}

/** The dialog that is open over the log. Loaded with the first one. */
export function WallDialog({ open, ownName, actions, onClose }: WallDialogProps) {
  if (open.kind === "help") return <HelpDialog onClose={onClose} />;
  const { id } = open;
  if (open.kind === "report") return <ReportDialog id={id} onClose={onClose} />;
  if (open.kind === "takeDown")
    return (
      <TakeDownDialog
        id={id}
        onTakenDown={() => actions.notify({ text: "Message taken down" })}
        onClose={onClose}
      />
    );
  const { muted } = open;
  return (
    <MessageDialog
      id={id}
      ownName={ownName}
      actions={actions}
      onUnmute={
        muted &&
        (() => {
          mutedSetting.set(withoutMute(mutedSetting.snapshot(), muted));
          actions.visit(id);
        })
      }
      onClose={() => {
        onClose();
        setLink(null);
      }}
    />
  );
}
