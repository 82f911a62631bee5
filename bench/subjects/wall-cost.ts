/**
 * Many counted walls behind one address: `/<wall>/api/comments…`, as minimal as `wall-alone`; `/<wall>/api/live`;
 * `/<wall>/counts`, and `/<wall>/watch`, which runs the cron's work.
 */
import { liveRequest } from "#schema/live/request";
import { parseReadQuery } from "#schema/read";
import { Comments as Counted, countsOf } from "./wall-counted";

export { CacheRebuilder } from "./wall-counted";

type Call = "claim" | "patch";

export default class Walls extends Counted {
  override async fetch(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const [, wall = "", , , id, claim] = pathname.split("/");
    if (pathname.endsWith("/api/live")) {
      const since = searchParams.get("since");
      const address = request.headers.get("CF-Connecting-IP");
      return super.fetch(liveRequest({ wall, since, address, request: "bench", isUpgrade: true }));
    }
    if (pathname.endsWith("/counts")) return this.#counts(wall);
    if (pathname.endsWith("/watch")) {
      await this.env.REBUILDER.getByName(wall).watch(wall);
      return Response.json(null);
    }
    if (id !== undefined)
      return this.#call(wall, id, claim === "claim" ? "claim" : "patch", request);
    if (request.method === "POST") {
      const address = request.headers.get("CF-Connecting-IP") ?? undefined;
      const posted = await this.post(wall, { address }, await request.json());
      if (!posted.ok) return Response.json(posted.problem, { status: posted.problem.status });
      return Response.json(posted.value.comment, { status: 201 });
    }
    const query = parseReadQuery(searchParams);
    if (!query.ok || "pending" in query.value || "before" in query.value)
      return new Response(null, { status: 400 });
    const read = await this.read(wall, query.value);
    if (!read.ok) return Response.json(read.problem, { status: read.problem.status });
    return new Response(read.value.body as BodyInit);
  }

  async #call(wall: string, id: string, call: Call, request: Request): Promise<Response> {
    const token = request.headers.get("Authorization")?.slice("Bearer ".length);
    const done = await this[call](wall, { token }, id, await request.json());
    return done.ok
      ? Response.json(done.value)
      : Response.json(done.problem, { status: done.problem.status });
  }

  async #counts(wall: string): Promise<Response> {
    const stub = this.env.REBUILDER.getByName(wall) as unknown as {
      storedBytes(): Promise<number>;
      incarnation(): Promise<string>;
    };
    const { operations } = await this.status(wall);
    // Read together: after the next alarm both would have changed.
    const atBindings = countsOf(wall);
    const sqliteBytes = await stub.storedBytes();
    const incarnation = await stub.incarnation();
    return Response.json({ operations, incarnation, atBindings, sqliteBytes });
  }
}
