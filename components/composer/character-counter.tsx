import { Announcement } from "#components/ui/announcement";
import { TEXT_MAX_CHARACTERS } from "#schema/limits";

/** Characters left; beyond the limit, how many are too many. */
export function CharacterCounter({ length }: { length: number }) {
  const left = TEXT_MAX_CHARACTERS - length;
  return (
    <div className="characters-left">
      <p data-testid="characters-left" className={left < 0 ? "text-alarm" : "text-quiet"}>
        {left < 0 ? `${-left} too many` : `${left} left`}
      </p>
      <Announcement text={left < 0 ? `${-left} characters too many` : `${left} characters left`} />
    </div>
  );
}
