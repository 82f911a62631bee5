/**
 * Tells the browsers on the live channel how many they are, which bots are present, and which bot is answering what.
 *
 * All of it is in memory and may be lost. A timer runs only after something changed, so an idle wall hibernates. Later
 * changes are sent when the object next runs for another reason.
 */
import type { Clock } from "../platform/clock";
import type { Answering } from "./follower";
import type { LiveSocket } from "./socket";

/** The shortest time between two messages with the number of browsers: pages come and go all the time. */
export const HERE_INTERVAL_MS = 5_000;

/** Messages sent in one go, over all sockets: 125 ms of CPU at 25 µs each. */
const SENT_AT_ONCE_MAX = 5_000;

/** In the long run, over all sockets: 5 % of a core. */
const SENT_PER_SECOND_MAX = 2_000;

/** Answers under way that are kept and shown to a browser that opens a channel; further ones are not shown. */
export const ANSWERING_MAX = 20;

interface HintsParts {
  clock: Clock;
  /** Open sockets of browsers. */
  browsers: () => readonly LiveSocket[];
  /** The names of the bots that are present. */
  bots: () => string[];
  send: (sockets: readonly LiveSocket[], messages: readonly unknown[]) => void;
  /** How long changes are collected, in ms: longer than the frame with an answer takes that ends one of them. */
  waitMs: number;
}

interface Shown extends Answering {
  /** A browser was told that it began. */
  isTold: boolean;
  /** Not every browser was told of its newest state. */
  isDue: boolean;
}

export class Hints {
  readonly #parts: HintsParts;
  /** The last values that all browsers got; unknown after a restart or hibernation. */
  #here: number | null = null;
  #bots: string | null = null;
  #hereAt = Number.NEGATIVE_INFINITY;
  readonly #answering = new Map<string, Shown>();
  #isEnded = false;
  /** When the timer that counts is due, in ms; `null` without one. */
  #plannedAt: number | null = null;
  /** No message before this time, in ms. */
  #freeAt = 0;

  constructor(parts: HintsParts) {
    this.#parts = parts;
  }

  /** A browser's socket got its first frame. */
  opened(socket: LiveSocket): void {
    const { browsers, bots, send } = this.#parts;
    this.#forgetExpired();
    const here = browsers().length;
    const names = bots();
    const live = [...this.#answering.values()].filter(({ until }) => until > 0);
    send([socket], [{ here }, { bots: names }, ...live.map(toMessage)]);
    for (const shown of live) shown.isTold = true;
    if (here > 1) {
      this.#plan();
      return;
    }
    // There is nobody else to tell.
    this.#here = here;
    this.#bots = JSON.stringify(names);
    for (const shown of live) shown.isDue = false;
  }

  /** A socket is gone. */
  closed(): void {
    this.#plan();
  }

  /** Sends the bots that came or went, if any did. */
  look(): void {
    if (this.#bots !== JSON.stringify(this.#parts.bots())) this.#plan();
  }

  /** A bot began to answer, goes on, or has ended (`until` is 0). */
  answering({ id, name, until }: Answering): void {
    this.#forgetExpired();
    const shown = this.#answering.get(id);
    if (until === 0 && !shown?.isTold) {
      this.#answering.delete(id);
      return;
    }
    if (!shown && this.#answering.size >= ANSWERING_MAX) return;
    this.#answering.set(id, { id, name, until, isTold: shown?.isTold ?? false, isDue: true });
    this.#plan();
  }

  /** Sends nothing from now on. */
  end(): void {
    this.#isEnded = true;
  }

  #plan(waitMs = this.#parts.waitMs): void {
    const { clock, browsers } = this.#parts;
    const now = clock.now();
    // A clock that was set back must not delay it.
    const busyMs = Math.min(HERE_INTERVAL_MS, this.#freeAt - now);
    const ms = Math.max(waitMs, busyMs);
    const at = now + ms;
    if (this.#plannedAt !== null && this.#plannedAt <= at) return;
    if (this.#isEnded || browsers().length === 0) return;
    this.#plannedAt = at;
    void clock.sleep(ms).then(() => {
      if (this.#plannedAt === at) this.#tell();
    });
  }

  #tell(): void {
    const { clock, browsers, send } = this.#parts;
    this.#plannedAt = null;
    const sockets = browsers();
    if (this.#isEnded || sockets.length === 0) return;
    this.#forgetExpired();
    const max = Math.max(1, Math.floor(SENT_AT_ONCE_MAX / sockets.length));
    const messages = this.#messages(sockets.length, max);
    send(sockets, messages);
    const sent = messages.length * sockets.length;
    this.#freeAt = clock.now() + (sent * 1_000) / SENT_PER_SECOND_MAX;
    if ([...this.#answering.values()].some(({ isDue }) => isDue)) this.#plan();
    else if (this.#here !== sockets.length) this.#plan(this.#hereInMs());
  }

  /** The first `max` of what has to be told. */
  #messages(here: number, max: number): unknown[] {
    const { clock, bots } = this.#parts;
    const messages: unknown[] = [];
    const names = bots();
    const text = JSON.stringify(names);
    if (this.#bots !== text) {
      messages.push({ bots: names });
      this.#bots = text;
    }
    const now = clock.now();
    if (messages.length < max && this.#here !== here && this.#hereInMs() === 0) {
      messages.push({ here });
      this.#here = here;
      this.#hereAt = now;
    }
    for (const shown of this.#answering.values()) {
      if (messages.length >= max) break;
      if (!shown.isDue) continue;
      messages.push(toMessage(shown));
      shown.isDue = false;
      shown.isTold = true;
      if (shown.until === 0) this.#answering.delete(shown.id);
    }
    return messages;
  }

  /** Time until the number of browsers may be sent again. */
  #hereInMs(): number {
    const passed = this.#parts.clock.now() - this.#hereAt;
    return passed < 0 ? 0 : Math.max(0, HERE_INTERVAL_MS - passed);
  }

  /** Browsers hide an expired one themselves. */
  #forgetExpired(): void {
    const now = this.#parts.clock.now();
    for (const { id, until } of this.#answering.values())
      if (until !== 0 && until <= now) this.#answering.delete(id);
  }
}

function toMessage({ id, name, until }: Answering) {
  return { answering: { id, name, until } };
}
