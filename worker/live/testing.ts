/** Scripted sockets and a manual clock, for tests without the runtime. */
import type { Comment } from "#schema/comment";
import { makeId } from "#schema/id";
import { WallView } from "#schema/view/wall-view";
import type { Clock } from "../platform/clock";
import type { LiveSource } from "./hub";
import type { LiveSocket, SocketHost, SocketNote } from "./socket";

const START = 1_790_000_000_000;

export class ManualClock implements Clock {
  time = START;
  #timers: { at: number; run: () => void }[] = [];

  now(): number {
    return this.time;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((run) => this.#timers.push({ at: this.time + ms, run }));
  }

  get pending(): number {
    return this.#timers.length;
  }

  /** Runs the timers that are due within `ms`, in order. */
  async advance(ms: number): Promise<void> {
    const until = this.time + ms;
    for (;;) {
      this.#timers.sort((a, b) => a.at - b.at);
      const [next] = this.#timers;
      if (!next || next.at > until) break;
      this.#timers.shift();
      this.time = Math.max(this.time, next.at);
      next.run();
      // Lets the code behind the timer run to its end.
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    }
    this.time = until;
  }
}

export class ScriptedSocket implements LiveSocket {
  readonly texts: string[] = [];
  closed: number | null = null;
  isBroken = false;
  unseen: number | undefined;
  note: SocketNote;

  constructor(network: string, seen = 0) {
    this.note = { network, seen, refusals: 0 };
  }

  send(text: string): void {
    if (this.isBroken) throw new Error("the socket is broken");
    this.texts.push(text);
  }

  close(code: number): void {
    this.closed ??= code;
  }

  // biome-ignore lint/suspicious/noExplicitAny: a test reads whichever fields it expects.
  get messages(): any[] {
    return this.texts.map((text) => JSON.parse(text));
  }
}

export class ScriptedHost implements SocketHost<ScriptedSocket> {
  readonly sockets: { socket: ScriptedSocket; tags: readonly string[] }[] = [];

  open(tag?: string): ScriptedSocket[] {
    return this.sockets
      .filter(({ socket, tags }) => socket.closed === null && (!tag || tags.includes(tag)))
      .map(({ socket }) => socket);
  }

  /** The next incarnation knows the notes only. */
  hibernate(): void {
    for (const { socket } of this.sockets) socket.unseen = undefined;
  }

  count(tag?: string): number {
    return this.sockets.filter(({ tags }) => tag === undefined || tags.includes(tag)).length;
  }

  accept(tags: readonly string[], note: SocketNote) {
    const socket = new ScriptedSocket(note.network);
    socket.note = note;
    this.sockets.push({ socket, tags });
    return { socket, client: socket };
  }
}

/** A writer's view, to which a test commits comments. */
export class ScriptedSource implements LiveSource {
  view = new WallView("teststor", 0);
  rebuiltAt = START;
  /** Called by `commit`. */
  onCommit = () => {};

  get cursor() {
    return this.view.cursor;
  }

  commit(): void {
    this.onCommit();
  }

  read(...[since, limit]: Parameters<LiveSource["read"]>) {
    return { ...this.view.changesSince(since, limit), rebuiltAt: this.rebuiltAt };
  }

  bytesSince(sequence: number): number {
    return 700 * (this.view.sequence - Math.max(sequence, this.view.floor));
  }

  put(text: string): Comment {
    const sequence = this.view.sequence + 1;
    const id = makeId(START + sequence, String(sequence).padStart(10, "0"));
    const rest = { username: "anonymous", color: "#aabbcc", type: "human" as const };
    const comment = { id, timestamp: START + sequence, text, ...rest, botParams: {} };
    this.view.apply({ sequence, comment });
    return comment;
  }

  remove(id: string): void {
    this.view.apply({ sequence: this.view.sequence + 1, removed: id });
  }
}
