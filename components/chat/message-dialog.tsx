import { useEffect, useState } from "react";
import { ApiError } from "#client/api/request";
import { findComment } from "#client/wall/api";
import { MessageRow, type RowActions } from "#components/chat/message-row";
import { Dialog } from "#components/ui/dialog";
import type { Comment } from "#schema/comment";

interface MessageDialogProps {
  id: string;
  ownName: string;
  actions: RowActions;
  onClose: () => void;
}

/** Shows a message that is not loaded in the log. */
export function MessageDialog({ id, ownName, actions, onClose }: MessageDialogProps) {
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
    <Dialog title="Earlier message" onClose={onClose}>
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
    </Dialog>
  );
}
