import { When } from "#components/admin/when";
import type { SenderBlock } from "#schema/moderation";

interface BlockListProps {
  blocks: readonly SenderBlock[];
  onEnd: (block: SenderBlock) => void;
}

/** The senders whose messages are refused, each with a button that ends the block. */
export function BlockList({ blocks, onEnd }: BlockListProps) {
  if (blocks.length === 0) return null;
  return (
    <section aria-labelledby="blocks-title" className="mt-4">
      <h2 id="blocks-title" className="text-title font-semibold">
        Blocked senders
      </h2>
      <ul className="mt-2 flex flex-col gap-2">
        {blocks.map((block) => (
          <li key={block.id} className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <span id={`block-${block.id}`} className="min-w-0 [overflow-wrap:anywhere]">
              {block.sender} until <When at={block.until} />
            </span>
            <button
              type="button"
              className="small-button"
              aria-describedby={`block-${block.id}`}
              onClick={() => onEnd(block)}
            >
              End block
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
