import { useEffect, useState } from "react";
import { findComment } from "#client/api/api";
import { ApiError } from "#client/api/request";
import { MessageRow, type RowDeeds } from "#components/chat/message-row";
import { Dialog } from "#components/ui/dialog";
import type { Comment } from "#schema/comment";

interface MessageDialogProps {
  id: string;
  ownName: string;
  deeds: RowDeeds;
  onClose: () => void;
}

/** A message that is further back than what this page holds. */
export function MessageDialog({ id, ownName, deeds, onClose }: MessageDialogProps) {
  const [found, setFound] = useState<Comment | string>("Looking for it…");

  useEffect(() => {
    let isOpen = true;
    findComment(id)
      .catch((error) =>
        error instanceof ApiError && error.status === 404
          ? "There is no such message: it may have been removed."
          : "The message could not be loaded.",
      )
      .then((result) => isOpen && setFound(result));
    return () => {
      isOpen = false;
    };
  }, [id]);

  return (
    <Dialog title="An earlier message" onClose={onClose}>
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
          deeds={deeds}
        />
      )}
    </Dialog>
  );
}
