import { type FormEvent, useId, useState } from "react";
import { ApiError } from "#client/api/request";
import { indexAt, loadTime } from "#client/search/load-time";
import { pageWall } from "#client/wall/page-wall";

const { store } = pageWall;

interface JumpToTimeProps {
  onJump: (id: string) => void;
}

/** Goes to the message at a time, loading it first if necessary. */
export function JumpToTime({ onJump }: JumpToTimeProps) {
  const id = useId();
  const [isLoading, setLoading] = useState(false);
  const [problem, setProblem] = useState("");

  const jump = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const value = new FormData(event.currentTarget).get("time");
    const ms = new Date(String(value)).getTime();
    if (Number.isNaN(ms) || isLoading) return;
    setLoading(true);
    setProblem("");
    try {
      // The field has no seconds: the whole minute counts.
      const minuteEnd = ms + 59_999;
      const loaded = await loadTime(minuteEnd);
      if (loaded === "too early") return setProblem("The wall has no messages that early.");
      if (loaded === "too far") return setProblem("That is too far back to find in one step.");
      const { comments } = store.snapshot();
      const comment = comments[indexAt(comments, minuteEnd)];
      if (comment) onJump(comment.id);
    } catch (error) {
      setProblem(wordsOf(error));
    } finally {
      setLoading(false);
    }
  };

  return (
    <form className="flex basis-full flex-wrap items-center gap-2" onSubmit={jump}>
      <label htmlFor={id} className="text-quiet">
        Jump to <span className="max-sm:sr-only">time</span>
      </label>
      <input
        id={id}
        type="datetime-local"
        name="time"
        required
        className="kind-field min-w-0 max-w-60 flex-[1_1_8rem]"
      />
      <button type="submit" className="small-button" disabled={isLoading}>
        {isLoading ? "Loading…" : "Go"}
      </button>
      <span role="status">{problem}</span>
    </form>
  );
}

function wordsOf(error: unknown): string {
  if (error instanceof ApiError && error.retryAfterMs)
    return `Too many reads. Try again in ${Math.ceil(error.retryAfterMs / 1_000)} s.`;
  return "Couldn't load messages. Try again.";
}
