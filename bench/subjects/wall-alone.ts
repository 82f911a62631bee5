/** The wall's Worker behind a minimal HTTP handler: its own cost, without the page's routes. */
import { parseReadQuery } from "#schema/read";
import { Comments } from "#worker/index";

export { CacheRebuilder } from "#worker/writer/object";

const WALL = "main";

export default class Alone extends Comments {
  /** An upgrade to the live channel. */
  protected open(request: Request): Promise<Response> {
    return super.fetch(request);
  }

  override async fetch(request: Request): Promise<Response> {
    if (request.method === "POST") {
      const address = request.headers.get("CF-Connecting-IP") ?? undefined;
      const posted = await this.post(WALL, { address }, await request.json());
      if (!posted.ok) return Response.json(posted.problem, { status: posted.problem.status });
      return Response.json(posted.value.comment, { status: 201 });
    }
    const query = parseReadQuery(new URL(request.url).searchParams);
    if (!query.ok || !("limit" in query.value)) return new Response(null, { status: 400 });
    const read = await this.read(WALL, query.value);
    if (!read.ok) return Response.json(read.problem, { status: read.problem.status });
    return new Response(read.value.body as BodyInit, {
      headers: { "Content-Type": "application/json", ETag: read.value.etag },
    });
  }
}
