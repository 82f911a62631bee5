import { type FormEvent, type KeyboardEvent, Suspense, useEffect, useRef } from "react";
import { COMPOSER_ID } from "#client/chat/composer";
import { senderName } from "#client/chat/identity";
import { useDraft } from "#client/chat/use-draft";
import type { useIdentity } from "#client/chat/use-identity";
import type { Words } from "#client/wall/outbox";
import { IdentityPicker } from "#components/composer/identity-picker";
import { SendButton } from "#components/composer/send-button";
import { later } from "#components/ui/later";
import { cleanText, countCharacters } from "#schema/check/text";
import type { Comment } from "#schema/comment";
import { TEXT_MAX_CHARACTERS } from "#schema/limits";

const CharacterCounter = later(async () => (await import("./character-counter")).CharacterCounter);

/** Most messages are shorter, and their writers need no counter. */
const COUNTED_FROM_CHARACTERS = TEXT_MAX_CHARACTERS * 0.8;

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

  useEffect(() => {
    if (replyTo) textarea.current?.focus();
  }, [replyTo]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    textarea.current?.focus();
    if (!isSendable) return;
    const words = wordsOf(clean, identity);
    onSend(replyTo ? { ...words, replyTo: replyTo.id } : words);
    setText("");
  };

  return (
    <form className="composer" onSubmit={submit}>
      {replyTo && (
        <p className="reply-bar">
          <span className="min-w-0 truncate">
            Reply to <bdi className="font-semibold">{replyTo.username}</bdi>:{" "}
            <bdi>{replyTo.text}</bdi>
          </span>
          <button type="button" className="small-button" onClick={onCancelReply}>
            Cancel
          </button>
        </p>
      )}
      <div className="composer-grid">
        <IdentityPicker identity={identity} />
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
 * `keyCode` of every key during a composition. In Safari it is the only sign that Enter ended one.
 */
const COMPOSITION_KEY_CODE = 229;

/**
 * Enter sends, unless it ends a composition or the keyboard is on screen, where Shift+Enter is hard
 * to type.
 */
function isSendKey({ key, keyCode, shiftKey, nativeEvent }: KeyboardEvent): boolean {
  const isComposing = nativeEvent.isComposing || keyCode === COMPOSITION_KEY_CODE;
  return key === "Enter" && !shiftKey && !isComposing && !hasTouchKeyboard();
}

function hasTouchKeyboard(): boolean {
  return window.matchMedia("(pointer: coarse)").matches;
}
