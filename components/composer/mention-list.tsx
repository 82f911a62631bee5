import { type RefObject, useCallback, useEffect, useId, useMemo, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { isOfComposition } from "#client/chat/keyboard/composition";
import { tintOf } from "#client/chat/tint";
import { presence } from "#client/talk/page-presence";
import {
  type Suggestion,
  suggestionsFor,
  type Typed,
  typedName,
  withName,
} from "#client/talk/suggestions";
import { usePresent } from "#client/talk/use-present";
import { pageWall } from "#client/wall/page-wall";
import { Announcement } from "#components/ui/announcement";
import { BotGlyph } from "#components/ui/bot-glyph";
import { ANONYMOUS } from "#schema/limits";

/** Authors of so many of the newest messages are suggested. */
const RECENT_MESSAGES = 200;

interface MentionListProps {
  field: RefObject<HTMLTextAreaElement | null>;
  text: string;
  /** The reader, who is not suggested. */
  ownName: string;
  onChange: (text: string) => void;
}

/**
 * The names that fit what is typed after `@`. The focus stays in the field, which tells assistive
 * technology by `aria-activedescendant` which option is active. The field keeps the role of a text
 * field: HTML allows no combobox of several lines.
 */
export function MentionList({ field, text, ownName, onChange }: MentionListProps) {
  const listId = useId();
  const { bots } = usePresent();
  const [typed, setTyped] = useState<Typed | null>(null);
  /** The place of an `@` whose list was closed. */
  const [closedAt, setClosedAt] = useState<number | null>(null);
  const [active, setActive] = useState(0);
  const start = typed?.start;

  const isOpen = typed !== null && typed.start !== closedAt;
  const options = useMemo(
    () => (isOpen ? suggestionsFor(typed.query, bots ?? [], recentAuthors(ownName)) : []),
    [isOpen, typed, bots, ownName],
  );
  const chosen = Math.min(active, options.length - 1);
  const optionId = (index: number) => `${listId}-${index}`;

  const look = useCallback(() => {
    const element = field.current;
    const isPoint = element?.selectionStart === element?.selectionEnd;
    const isFocused = document.activeElement === element;
    setTyped(
      element && isPoint && isFocused ? typedName(element.value, element.selectionEnd) : null,
    );
  }, [field]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another text, another name.
  useEffect(look, [look, text]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another name begins with its first option.
  useEffect(() => setActive(0), [start, typed?.query]);
  useEffect(() => {
    if (start === undefined) setClosedAt(null);
    else void presence.ask();
  }, [start]);

  const pick = (option: Suggestion | undefined) => {
    const element = field.current;
    // As it is now: keys may have come since the last look.
    const now = element && typedName(element.value, element.selectionEnd);
    if (!option || !now) return;
    const next = withName(element.value, now, option.name);
    flushSync(() => {
      setClosedAt(now.start);
      onChange(next.text);
    });
    element.focus();
    element.setSelectionRange(next.caret, next.caret);
  };

  const onKey = (event: KeyboardEvent) => {
    // A composition has its own list, and its own Enter.
    if (isOfComposition(event) || options.length === 0) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { key, shiftKey } = event;
    const step = key === "ArrowDown" ? 1 : key === "ArrowUp" ? -1 : 0;
    if (step !== 0 && !shiftKey) setActive((chosen + step + options.length) % options.length);
    else if ((key === "Enter" || key === "Tab") && !shiftKey) pick(options[chosen]);
    else if (key === "Escape") setClosedAt(start ?? null);
    else return;
    event.preventDefault();
    // Enter would send the message, and Escape would leave the field.
    event.stopPropagation();
  };
  const latestKey = useRef(onKey);
  latestKey.current = onKey;

  useEffect(() => {
    const element = field.current;
    if (!element) return;
    const onKeyDown = (event: KeyboardEvent) => latestKey.current(event);
    element.addEventListener("keydown", onKeyDown);
    document.addEventListener("selectionchange", look);
    element.addEventListener("blur", look);
    return () => {
      element.removeEventListener("keydown", onKeyDown);
      document.removeEventListener("selectionchange", look);
      element.removeEventListener("blur", look);
    };
  }, [field, look]);

  const activeId = options.length > 0 ? optionId(chosen) : null;
  useEffect(() => {
    const element = field.current;
    if (!element || activeId === null) return;
    element.setAttribute("aria-controls", listId);
    element.setAttribute("aria-activedescendant", activeId);
    document.getElementById(activeId)?.scrollIntoView({ block: "nearest" });
    return () => {
      element.removeAttribute("aria-controls");
      element.removeAttribute("aria-activedescendant");
    };
  }, [field, listId, activeId]);

  if (options.length === 0) return null;
  return (
    <div className="mention-frame">
      <div
        id={listId}
        role="listbox"
        aria-label="Bots and people"
        className="mention-list"
        // A press on it must not take the focus from the field.
        onPointerDown={(event) => event.preventDefault()}
        onMouseDown={(event) => event.preventDefault()}
      >
        {options.map((option, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are heard in the field.
          // biome-ignore lint/a11y/useFocusableInteractive: as in every listbox of a combobox, the focus stays in the field.
          <div
            key={`${option.isBot} ${option.name}`}
            id={optionId(index)}
            role="option"
            aria-selected={index === chosen}
            className="mention-option"
            style={tintOf(option.color ?? "")}
            onClick={() => pick(option)}
          >
            {option.isBot ? <BotGlyph /> : <span aria-hidden className="color-dot" />}
            <bdi className="truncate">{option.name}</bdi>
            {option.isBot && <span className="mention-kind">bot</span>}
          </div>
        ))}
      </div>
      <Announcement text={options.length === 1 ? "1 name" : `${options.length} names`} />
    </div>
  );
}

/** People who wrote lately, the newest first. */
function recentAuthors(ownName: string): { name: string; color: string }[] {
  const authors = new Map<string, string>();
  const { comments } = pageWall.store.snapshot();
  for (const { type, username, color } of comments.slice(-RECENT_MESSAGES).reverse())
    if (
      type === "human" &&
      username !== ANONYMOUS &&
      username !== ownName &&
      !authors.has(username)
    )
      authors.set(username, color);
  return Array.from(authors, ([name, color]) => ({ name, color }));
}
