import { useEffect, useRef } from "react";
import { ApiError } from "#client/api/request";
import { forgetOwn } from "#client/kept/own-messages";
import { useOwn } from "#client/kept/use-own";
import { takeDownComment } from "#client/wall/comment-api";
import { pageWall } from "#client/wall/page-wall";
import { RowExcerpt } from "#components/message/row-excerpt";
import { FormDialog } from "#components/ui/form-dialog";

interface TakeDownDialogProps {
  id: string;
  onTakenDown: () => void;
  onClose: () => void;
}

/** Asks for confirmation, then takes one's own message down. */
export function TakeDownDialog({ id, onTakenDown, onClose }: TakeDownDialogProps) {
  // It stays the same while the dialog is open: when the time is over the wall says so.
  const own = useRef(useOwn(id)).current;
  const isGone = useRef(false);
  // The row with the focused button is gone. While the dialog is open nothing else can take the focus.
  useEffect(
    () => () => {
      if (isGone.current) document.querySelector("main")?.focus();
    },
    [],
  );
  const takeDown = async () => {
    try {
      await takeDownComment(id, own?.secret ?? "");
    } catch (failure) {
      if (!(failure instanceof ApiError && failure.status === 404)) throw failure;
      // Gone already.
    }
    forgetOwn(own?.nonce);
    pageWall.store.takenDown(id);
    isGone.current = true;
    onClose();
    onTakenDown();
  };
  return (
    <FormDialog
      title="Take this message down?"
      action="Take down permanently"
      isDestructive
      onSubmit={takeDown}
      onClose={onClose}
    >
      <RowExcerpt id={id} />
      <p className="mt-2 text-quiet">It disappears for everyone and can't be restored.</p>
    </FormDialog>
  );
}
