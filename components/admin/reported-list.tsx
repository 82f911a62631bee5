import { tintOf } from "#client/chat/tint";
import { When } from "#components/admin/when";
import { MessageText } from "#components/message/message-text";
import type { Comment } from "#schema/comment";
import type { ReportedComment } from "#schema/moderation";

interface ReportedListProps {
  reported: readonly ReportedComment[];
  onRemove: (comment: Comment) => void;
  onBlock: (comment: Comment) => void;
  onDismiss: (comment: Comment) => void;
}

/** The messages that people reported, each with its neighbours. */
export function ReportedList({ reported, ...actions }: ReportedListProps) {
  if (reported.length === 0) return null;
  return (
    <section aria-labelledby="reported-title" className="mt-4">
      <h2 id="reported-title" className="text-title font-semibold">
        Reported
      </h2>
      <ul className="mt-2 flex flex-col gap-4">
        {reported.map((each) => (
          <li key={each.comment.id}>
            <Reported reported={each} {...actions} />
          </li>
        ))}
      </ul>
    </section>
  );
}

interface ReportedProps extends Omit<ReportedListProps, "reported"> {
  reported: ReportedComment;
}

function Reported({ reported, onRemove, onBlock, onDismiss }: ReportedProps) {
  const { comment, count, reasons, around } = reported;
  const titleId = `reported-${comment.id}`;
  const block = { label: "Block", look: "small-button", act: onBlock };
  const actions = [
    { label: "Dismiss", look: "small-button", act: onDismiss },
    // Bots have no address to block.
    ...(comment.type === "human" ? [block] : []),
    { label: "Remove", look: "small-button danger-button", act: onRemove },
  ];
  return (
    <article aria-labelledby={titleId}>
      <div className="flex flex-wrap items-baseline gap-x-2 gap-y-1">
        <p id={titleId} className="me-auto min-w-0 font-semibold [overflow-wrap:anywhere]">
          {count === 1 ? "1 report" : `${count} reports`} of a message by{" "}
          <bdi>{comment.username}</bdi>
        </p>
        {actions.map(({ label, look, act }) => (
          <button
            key={label}
            type="button"
            className={look}
            aria-describedby={titleId}
            onClick={() => act(comment)}
          >
            {label}
          </button>
        ))}
      </div>
      {reasons.length > 0 && (
        <ul className="text-quiet [overflow-wrap:anywhere]">
          {reasons.map((reason, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two people may give the same reason, and none moves.
            <li key={index}>
              “<bdi>{reason}</bdi>”
            </li>
          ))}
        </ul>
      )}
      <ol className="mt-1 flex flex-col gap-1">
        {around.toReversed().map((each) => (
          <li
            key={each.id}
            className="message ps-4"
            data-state="sent"
            data-type={each.type}
            aria-current={each.id === comment.id || undefined}
            style={tintOf(each.color)}
          >
            <span className={each.id === comment.id ? "font-semibold" : "text-quiet"}>
              <bdi>{each.username}</bdi> <When at={each.timestamp} />
            </span>
            <MessageText text={each.text} name="" query="" />
          </li>
        ))}
      </ol>
    </article>
  );
}
