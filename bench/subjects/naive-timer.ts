/** The obvious timed rebuild: list 500 keys, read them one by one, publish. */

interface Env {
  KV: KVNamespace;
}

interface Rebuilt {
  ms: number;
  lists: number;
  reads: number;
  puts: number;
}

/** Separate from the wall's, which shares the store. */
const KEY = "naive:comments";
const LISTED = 500;

export default {
  async fetch(_request, env) {
    return Response.json(await rebuild(env.KV));
  },
} satisfies ExportedHandler<Env>;

async function rebuild(kv: KVNamespace): Promise<Rebuilt> {
  const startedAt = performance.now();
  const { keys } = await kv.list({ prefix: "comment:", limit: LISTED });
  const comments: unknown[] = [];
  for (const { name } of keys) comments.push(JSON.parse((await kv.get(name)) ?? "null"));
  await kv.put(KEY, JSON.stringify(comments));
  return { ms: performance.now() - startedAt, lists: 1, reads: keys.length, puts: 1 };
}
