import { FreshnessLine } from "#components/chat/freshness-line";
import { AfterPaint, NONE } from "#components/ui/after-paint";
import { Wordmark } from "#components/ui/wordmark";

const loadHereLine = async () => (await import("./here-line")).HereLine;

interface WallHeaderProps {
  loaded: boolean;
  failing: boolean;
  isSearching: boolean;
  onSearch: () => void;
  onHelp: () => void;
}

/** Wordmark, bots and browsers that are here, freshness, and the search and help buttons. */
export function WallHeader({ loaded, failing, isSearching, onSearch, onHelp }: WallHeaderProps) {
  return (
    <div className="wall-header column">
      <h1 className="me-auto">
        <Wordmark />
      </h1>
      <AfterPaint load={loadHereLine} props={NONE} />
      <FreshnessLine loaded={loaded} failing={failing} />
      <button
        type="button"
        aria-label="Search"
        title="Search ( / )"
        aria-expanded={isSearching}
        className="icon-button"
        onClick={onSearch}
      >
        <svg aria-hidden viewBox="0 0 20 20" fill="none" stroke="currentColor" strokeWidth="1.75">
          <circle cx="8.5" cy="8.5" r="5" />
          <path d="m12.5 12.5 4.25 4.25" strokeLinecap="round" />
        </svg>
      </button>
      <button
        type="button"
        aria-label="Help and settings"
        title="Help and settings ( ? )"
        className="icon-button"
        onClick={onHelp}
      >
        <svg aria-hidden viewBox="0 0 20 20" fill="none" stroke="currentColor" strokeWidth="1.75">
          <path
            d="M7.25 7.5a2.75 2.75 0 1 1 4 2.45c-.85.45-1.25.95-1.25 1.8"
            strokeLinecap="round"
          />
          <path d="M10 14.75v.01" strokeWidth="2.25" strokeLinecap="round" />
        </svg>
      </button>
    </div>
  );
}
