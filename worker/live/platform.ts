/** The channel on the runtime's hibernating WebSockets. */
import { PING, PONG } from "#schema/live/messages";
import type { LiveSocket, SocketHost, SocketNote } from "./socket";

type Context = Pick<
  DurableObjectState,
  "acceptWebSocket" | "getWebSockets" | "setWebSocketAutoResponse"
>;

export class PlatformSockets implements SocketHost<WebSocket> {
  readonly #context: Context;
  readonly #known = new WeakMap<WebSocket, PlatformSocket>();

  constructor(context: Context) {
    this.#context = context;
    // The runtime answers without waking the object.
    context.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
  }

  open(tag?: string): readonly LiveSocket[] {
    const open: LiveSocket[] = [];
    for (const socket of this.#context.getWebSockets(tag))
      if (socket.readyState === WebSocket.OPEN) open.push(this.of(socket));
    return open;
  }

  count(tag?: string): number {
    return this.#context.getWebSockets(tag).length;
  }

  of(socket: WebSocket): LiveSocket {
    const known = this.#known.get(socket);
    if (known) return known;
    const added = new PlatformSocket(socket);
    this.#known.set(socket, added);
    return added;
  }

  accept(tags: readonly string[], note: SocketNote) {
    const { 0: client, 1: server } = new WebSocketPair();
    this.#context.acceptWebSocket(server, [...tags]);
    const socket = this.of(server);
    socket.note = note;
    return { socket, client };
  }
}

class PlatformSocket implements LiveSocket {
  unseen: number | undefined;
  readonly #socket: WebSocket;
  #note: SocketNote | null = null;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  get note(): SocketNote {
    this.#note ??= this.#socket.deserializeAttachment() as SocketNote;
    return this.#note;
  }

  set note(note: SocketNote) {
    this.#note = note;
    this.#socket.serializeAttachment(note);
  }

  send(text: string): void {
    this.#socket.send(text);
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }
}
