import type { Addressee } from "#client/talk/use-addressee";
import { BotGlyph } from "#components/ui/bot-glyph";

interface AddresseeChipProps {
  addressee: Addressee;
  onDrop: () => void;
}

/** The bot that the message is for, and a button that takes it off. */
export function AddresseeChip({ addressee, onDrop }: AddresseeChipProps) {
  const { name, isAway } = addressee;
  return (
    <div className="addressee">
      <span className="addressee-chip">
        <BotGlyph />
        <span className="truncate">
          to <bdi className="font-semibold">{name}</bdi>
        </span>
        <button type="button" aria-label={`Don't address ${name}`} onClick={onDrop}>
          <span aria-hidden>×</span>
        </button>
      </span>
      <span role="status" className="min-w-0 text-quiet">
        {isAway && (
          <>
            <bdi>{name}</bdi> is away. Your message waits for it.
          </>
        )}
      </span>
    </div>
  );
}
