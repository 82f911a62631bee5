import { useOwn } from "#client/wall/use-own";

export interface MoreActionsProps {
  id: string;
  onReport: (id: string) => void;
  onTakeDown: (id: string) => void;
}

/** Take down, for a message that was sent from this browser in the last 10 minutes; else Report. */
export function MoreActions({ id, onReport, onTakeDown }: MoreActionsProps) {
  const [words, onClick] = useOwn(id) ? ["Take down", onTakeDown] : (["Report", onReport] as const);
  return (
    <button type="button" aria-describedby={id} onClick={() => onClick(id)}>
      {words}
    </button>
  );
}
