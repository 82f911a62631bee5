/**
 * A chat room like the platform's own demonstration: an object that receives messages over
 * WebSockets, stores each under its own key, and sends it to every member.
 */
import { DurableObject } from "cloudflare:workers";

interface Env {
  ROOM: DurableObjectNamespace<Room>;
}

export class Room extends DurableObject<Env> {
  override async fetch(): Promise<Response> {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  override async webSocketMessage(_sender: WebSocket, message: string): Promise<void> {
    const key = `${new Date().toISOString()}:${crypto.randomUUID()}`;
    await this.ctx.storage.put(key, message);
    for (const socket of this.ctx.getWebSockets()) socket.send(message);
  }

  override webSocketClose(socket: WebSocket): void {
    socket.close();
  }
}

export default {
  fetch: (request, env) => env.ROOM.getByName("room").fetch(request),
} satisfies ExportedHandler<Env>;
