import { useEffect, useRef } from "react";
// Loaded with the search bar, before the first word is typed.
import "#client/search/fold";
import { type Filter, isFiltering, KINDS } from "#client/wall/filter";
// The network may be gone when there is nothing to show.
import "#components/chat/empty-wall";
import { JumpToTime } from "#components/chat/jump-to-time";
import { OlderSearch } from "#components/chat/older-search";

interface FilterBarProps {
  filter: Filter;
  /** Number of matching messages among those loaded. */
  found: number;
  held: number;
  onChange: (change: Partial<Filter>) => void;
  onJump: (id: string) => void;
  onClose: () => void;
}

/** Search and filters over the loaded messages, and on request over older ones. */
export function FilterBar({ filter, found, held, onChange, onJump, onClose }: FilterBarProps) {
  const input = useRef<HTMLInputElement>(null);
  const { text, author } = filter;
  const isGiven = useRef(text !== "" || author !== "");
  useEffect(() => {
    // A tap on an author's name asks for the messages, not for the keyboard on the screen.
    if (isGiven.current && window.matchMedia("(pointer: coarse)").matches) return;
    input.current?.focus();
  }, []);

  return (
    <search className="filter-bar column">
      <input
        ref={input}
        type="search"
        value={filter.text}
        placeholder="Search words or names"
        aria-label="Search"
        className="search-field min-w-0"
        onChange={(event) => onChange({ text: event.target.value })}
      />
      <select
        value={filter.kind}
        aria-label="Show messages from"
        className="kind-field"
        onChange={(event) => onChange({ kind: event.target.value as Filter["kind"] })}
      >
        {KINDS.map((kind) => (
          <option key={kind}>{kind}</option>
        ))}
      </select>
      {filter.author && (
        <button
          type="button"
          className="small-button"
          title="Show all authors"
          onClick={() => onChange({ author: "" })}
        >
          by <bdi>{filter.author}</bdi> <span aria-hidden>×</span>
        </button>
      )}
      <span className="text-quiet tabular-nums" data-testid="found">
        {`${found} of ${held}`}
      </span>
      <button type="button" className="small-button ms-auto" onClick={onClose}>
        Close
      </button>
      {isFiltering(filter) ? <OlderSearch found={found} /> : <JumpToTime onJump={onJump} />}
    </search>
  );
}
