/**
 * The strategy that the wall replaces: each post reads one array, appends to it, and writes it
 * back.
 */

interface Env {
  KV: KVNamespace;
}

const KEY = "recent:comments";
const KEPT = 5_000;

export default {
  async fetch(request, env) {
    if (request.method === "PUT") {
      await env.KV.put(KEY, await request.text());
      return new Response(null, { status: 204 });
    }
    if (request.method === "POST") {
      const comment = await request.json();
      const comments: unknown[] = JSON.parse((await env.KV.get(KEY)) ?? "[]");
      comments.unshift(comment);
      await env.KV.put(KEY, JSON.stringify(comments.slice(0, KEPT)));
      return Response.json(comment, { status: 201 });
    }
    return new Response(await env.KV.get(KEY), { headers: { "Content-Type": "application/json" } });
  },
} satisfies ExportedHandler<Env>;
