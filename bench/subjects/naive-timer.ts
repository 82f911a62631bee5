/**
 * A timed rebuild as one writes it first: it lists 500 keys and reads them one by one, and readers get
 * what it published from KV.
 */

interface Env {
  KV: KVNamespace;
}

const KEY = "recent:comments";
const LISTED = 500;

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/rebuild") return Response.json(await rebuild(env.KV));
    if (request.method === "POST") {
      const body = await request.text();
      await env.KV.put(`comment:${Date.now()}:${crypto.randomUUID()}`, body);
      return new Response(body, { status: 201 });
    }
    return new Response(await env.KV.get(KEY), { headers: { "Content-Type": "application/json" } });
  },
} satisfies ExportedHandler<Env>;

async function rebuild(kv: KVNamespace): Promise<{ ms: number; operations: number }> {
  const startedAt = Date.now();
  const { keys } = await kv.list({ prefix: "comment:", limit: LISTED });
  const comments: unknown[] = [];
  for (const { name } of keys) comments.push(JSON.parse((await kv.get(name)) ?? "null"));
  await kv.put(KEY, JSON.stringify(comments));
  return { ms: Date.now() - startedAt, operations: keys.length + 2 };
}
