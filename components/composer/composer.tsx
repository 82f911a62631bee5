import { type FormEvent, type KeyboardEvent, Suspense, useEffect, useRef } from "react";
import { COMPOSER_ID } from "#client/chat/composer";
import { senderName } from "#client/chat/identity";
import { isOfComposition } from "#client/chat/keyboard/composition";
import { useDraft } from "#client/chat/use-draft";
import type { useIdentity } from "#client/chat/use-identity";
import type { Words } from "#client/wall/outbox";
import { IdentityPicker } from "#components/composer/identity-picker";
import { SendButton } from "#components/composer/send-button";
import { AfterPaint } from "#components/ui/after-paint";
import { later } from "#components/ui/later";
import { cleanText, countCharacters } from "#schema/check/text";
import type { Comment } from "#schema/comment";
import { TEXT_MAX_CHARACTERS } from "#schema/limits";

const loadTalk = async () => (await import("./talk")).Talk;
const CharacterCounter = later(async () => (await import("./character-counter")).CharacterCounter);

const REPLY_ID = "reply-line";

/** Most messages are shorter, and their writers need no counter. */
const COUNTED_FROM_CHARACTERS = TEXT_MAX_CHARACTERS * 0.8;

/** In a narrow window a longer text gets the composer's width (app/styles/adapt.css). */
const WIDE_FROM_CHARACTERS = 20;

interface ComposerProps {
  identity: ReturnType<typeof useIdentity>;
  /** The comment being answered. */
  replyTo: Comment | null;
  onCancelReply: () => void;
  onSend: (words: Words) => void;
}

/** Text field, name and colour. Sends the cleaned text, which is what the wall will show. */
export function Composer({ identity, replyTo, onCancelReply, onSend }: ComposerProps) {
  const textarea = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useDraft(textarea);
  const clean = cleanText(text);
  const length = countCharacters(clean);
  const isSendable = length >= 1 && length <= TEXT_MAX_CHARACTERS;
  const addressed = useRef<string>(undefined);

  useEffect(() => {
    if (replyTo) textarea.current?.focus();
  }, [replyTo]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    textarea.current?.focus();
    if (!isSendable) return;
    const words = wordsOf(clean, identity);
    if (replyTo) words.replyTo = replyTo.id;
    if (addressed.current) words.botParams = { entity: addressed.current };
    onSend(words);
    setText("");
  };

  return (
    <form className="composer" onSubmit={submit}>
      {replyTo && (
        <p className="reply-bar">
          <span id={REPLY_ID} className="min-w-0 truncate">
            Reply to <bdi className="font-semibold">{replyTo.username}</bdi>:{" "}
            <bdi>{replyTo.text}</bdi>
          </span>
          <button type="button" className="small-button" onClick={onCancelReply}>
            Cancel
          </button>
        </p>
      )}
      <div className="composer-grid" data-wide={text.length > WIDE_FROM_CHARACTERS || undefined}>
        <IdentityPicker identity={identity} />
        <AfterPaint
          load={loadTalk}
          props={{
            field: textarea,
            text,
            replyTo,
            ownName: senderName(identity.name) ?? "",
            onChange: setText,
            addressed,
          }}
        />
        {length >= COUNTED_FROM_CHARACTERS && (
          <Suspense>
            <CharacterCounter length={length} />
          </Suspense>
        )}
        <textarea
          ref={textarea}
          id={COMPOSER_ID}
          rows={1}
          dir="auto"
          value={text}
          placeholder="Say what you want"
          aria-label="Message"
          aria-describedby={replyTo ? REPLY_ID : undefined}
          aria-autocomplete="list"
          aria-haspopup="listbox"
          className="composer-text"
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (isSendKey(event)) submit(event);
          }}
        />
        <SendButton disabled={!isSendable} />
      </div>
    </form>
  );
}

function wordsOf(text: string, { name, color }: ComposerProps["identity"]): Words {
  const words: Words = { text };
  const username = senderName(name);
  if (username) words.username = username;
  if (color) words.color = color;
  return words;
}

/**
 * Enter sends, unless it ends a composition or the keyboard is on screen, where Shift+Enter is hard
 * to type.
 */
function isSendKey({ key, shiftKey, nativeEvent }: KeyboardEvent): boolean {
  return key === "Enter" && !shiftKey && !isOfComposition(nativeEvent) && !hasTouchKeyboard();
}

function hasTouchKeyboard(): boolean {
  return window.matchMedia("(pointer: coarse)").matches;
}
