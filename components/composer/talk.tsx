import { type RefObject, Suspense, useEffect, useLayoutEffect } from "react";
import { presence } from "#client/talk/page-presence";
import { useAddressee } from "#client/talk/use-addressee";
import { AddresseeChip } from "#components/composer/addressee-chip";
import { later } from "#components/ui/later";
import type { Comment } from "#schema/comment";

const MentionList = later(async () => (await import("./mention-list")).MentionList);

export interface TalkProps {
  field: RefObject<HTMLTextAreaElement | null>;
  text: string;
  replyTo: Comment | null;
  ownName: string;
  onChange: (text: string) => void;
  /** Holds the addressee of the message being written. */
  addressed: RefObject<string | undefined>;
}

/** To whom the message is: the chip, and the list that `@` opens. Loaded after the first paint. */
export function Talk({ field, text, replyTo, ownName, onChange, addressed }: TalkProps) {
  const { addressee, linked, drop } = useAddressee(text, replyTo);
  const name = addressee?.name;
  useLayoutEffect(() => {
    addressed.current = name;
  }, [addressed, name]);
  useEffect(() => {
    if (linked) field.current?.focus();
  }, [field, linked]);
  useEffect(() => {
    const element = field.current;
    const ask = () => void presence.ask();
    // To say whether the addressee is here, and to know the names before they are typed.
    if (name || document.activeElement === element) ask();
    element?.addEventListener("focus", ask);
    return () => element?.removeEventListener("focus", ask);
  }, [field, name]);
  return (
    <>
      {addressee && (
        <AddresseeChip
          addressee={addressee}
          onDrop={() => {
            drop();
            field.current?.focus();
          }}
        />
      )}
      {text.includes("@") && (
        <Suspense>
          <MentionList field={field} text={text} ownName={ownName} onChange={onChange} />
        </Suspense>
      )}
    </>
  );
}
