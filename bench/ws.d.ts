/** The part of the package that the benches use. */
declare module "ws" {
  import { EventEmitter } from "node:events";
  export default class WebSocket extends EventEmitter {
    constructor(address: string);
    send(text: string): void;
    close(): void;
  }
}
