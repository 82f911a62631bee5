import { useEffect, useState } from "react";
import { ApiError } from "#client/api/request";
import { findComment } from "#client/wall/comment-api";
import { MessageRow } from "#components/message/message-row";
import type { RowActions } from "#components/message/row-actions";
import { Dialog } from "#components/ui/dialog";
import type { Comment } from "#schema/comment";

interface MessageDialogProps {
  id: string;
  ownName: string;
  actions: RowActions;
  /** Shows the author's messages again; absent if they are not muted. */
  onUnmute?: (() => void) | undefined;
  onClose: () => void;
}

/** Shows a message that the log can't show: a muted author's, or one that could not be loaded there. */
export function MessageDialog({ id, ownName, actions, onUnmute, onClose }: MessageDialogProps) {
  const [found, setFound] = useState<Comment | string>("Loading…");

  useEffect(() => {
    let isOpen = true;
    findComment(id)
      .catch((error) =>
        error instanceof ApiError && error.status === 404
          ? "Message not found. It may have been removed."
          : "Couldn't load the message. Close this and try again.",
      )
      .then((result) => isOpen && setFound(result));
    return () => {
      isOpen = false;
    };
  }, [id]);

  return (
    <Dialog title={onUnmute ? "Message by a muted author" : "Earlier message"} onClose={onClose}>
      {typeof found === "string" ? (
        <p className="text-quiet">{found}</p>
      ) : (
        <MessageRow
          rowKey={`alone-${id}`}
          message={found}
          startsGroup
          original={undefined}
          ownName={ownName}
          query=""
          actions={actions}
        />
      )}
      {onUnmute && (
        <button type="button" className="small-button mt-4" onClick={onUnmute}>
          Unmute and show in the log
        </button>
      )}
    </Dialog>
  );
}
