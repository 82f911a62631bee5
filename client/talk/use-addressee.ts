import { useEffect, useState } from "react";
import { cleanName, countCharacters } from "#schema/check/text";
import type { Comment } from "#schema/comment";
import { ENTITY_MAX_CHARACTERS } from "#schema/limits";
import { isSameName, namedBot, spelledAs } from "./naming";
import { usePresent } from "./use-present";

/** The parameter of the page's address that names a bot. */
const PARAMETER = "to";

export interface Addressee {
  name: string;
  /** This page knows that the bot is not here. */
  isAway: boolean;
}

/**
 * The bot that the message being written is for: one that it names, else the one that it replies to,
 * else the one of the page's address.
 */
export function useAddressee(text: string, replyTo: Comment | null) {
  const { bots } = usePresent();
  const [linked, setLinked] = useState<string>();
  const [dropped, setDropped] = useState<readonly string[]>([]);
  const replyId = replyTo?.id;
  const isEmpty = text === "";

  useEffect(() => setLinked(linkedName()), []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another reply, or the next message, starts afresh.
  useEffect(() => setDropped([]), [replyId, isEmpty]);

  const candidates = [
    namedBot(text, bots ?? []),
    replyTo?.type === "bot" ? replyTo.username : undefined,
    linked,
  ];
  const name = candidates.find(
    (each) => each !== undefined && !dropped.some((other) => isSameName(each, other)),
  );
  const present = name === undefined ? undefined : spelledAs(name, bots ?? []);
  const addressee: Addressee | null =
    name === undefined
      ? null
      : { name: present ?? name, isAway: bots !== null && present === undefined };

  return {
    addressee,
    /** The name in the page's address. */
    linked,
    /** Takes the addressee off this message, and off the page's address. */
    drop: () => {
      if (name === undefined) return;
      setDropped([...dropped, name]);
      if (linked === undefined || !isSameName(linked, name)) return;
      setLinked(undefined);
      const url = new URL(location.href);
      url.searchParams.delete(PARAMETER);
      history.replaceState(history.state, "", url);
    },
  };
}

function linkedName(): string | undefined {
  const name = cleanName(new URLSearchParams(location.search).get(PARAMETER) ?? "");
  return name && countCharacters(name) <= ENTITY_MAX_CHARACTERS ? name : undefined;
}
