/** The part of the package that this project uses. */
declare module "ws" {
  import { EventEmitter } from "node:events";
  import type { IncomingMessage } from "node:http";
  import type { Duplex } from "node:stream";

  interface Options {
    handshakeTimeout?: number;
    maxPayload?: number;
    perMessageDeflate?: boolean;
    headers?: Record<string, string>;
  }

  export default class WebSocket extends EventEmitter {
    constructor(address: string, options?: Options);
    readonly readyState: number;
    send(data: string | Uint8Array): void;
    close(code?: number, reason?: string): void;
    terminate(): void;
    pause(): void;
  }

  export class WebSocketServer extends EventEmitter {
    constructor(options: { noServer: true });
    readonly clients: Set<WebSocket>;
    handleUpgrade(
      request: IncomingMessage,
      socket: Duplex,
      head: Buffer,
      done: (socket: WebSocket) => void,
    ): void;
  }
}
