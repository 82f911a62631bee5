import { startMention } from "#client/talk/start-mention";
import { usePresent } from "#client/talk/use-present";
import { BotGlyph } from "#components/ui/bot-glyph";

/** More names would push the rest of the header away. */
const NAMES_MAX = 3;

/** Bots that are here, a click away from a message to one, and the number of open browsers. */
export function HereLine() {
  const { bots, here } = usePresent();
  const people = here !== null && `${here} here`;
  if (!bots?.length) return people && <p className="here">{people}</p>;
  const more = bots.length - NAMES_MAX;
  return (
    <p className="here">
      <button
        type="button"
        className="here-bots"
        title={`Write to a bot. Here: ${bots.join(", ")}`}
        onClick={startMention}
      >
        <BotGlyph />
        <span className="sr-only">Write to a bot. Here: </span>
        <span className="here-names">
          {bots.slice(0, NAMES_MAX).map((name, index) => (
            <bdi key={name}>{index > 0 ? `, ${name}` : name}</bdi>
          ))}
          {more > 0 && ` +${more}`}
        </span>
        <span className="here-count">{bots.length}</span>
      </button>
      {people && <span>{people}</span>}
    </p>
  );
}
