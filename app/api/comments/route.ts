/** `/api/comments`: the newest comments, what changed since a cursor, the past, what is pending, and a new one. */
import type { Outcome } from "#schema/problem";
import { parseReadQuery } from "#schema/read";
import type { SerialisedPage } from "#schema/rpc";
import { callerOf, handler, json, readJson, refuse } from "../http";
import { comments, WALL } from "../platform";
import { requestId } from "../request-id";

export const runtime = "edge";

export const GET = handler(async (request) => {
  const query = parseReadQuery(new URL(request.url).searchParams);
  if (!query.ok) return refuse(query);
  if ("pending" in query.value)
    return answerPage(await comments().pending(WALL, query.value, callerOf(request)));
  if ("before" in query.value)
    return answerPage(await comments().history(WALL, callerOf(request), query.value));
  const ifNoneMatch = request.headers.get("If-None-Match") ?? undefined;
  const read = await comments().read(WALL, query.value, ifNoneMatch, requestId(request));
  if (!read.ok) return refuse(read);
  const { etag, rebuiltAt, body } = read.value;
  const headers = { ETag: etag, "Rebuilt-At": String(rebuiltAt), "Cache-Control": "no-cache" };
  if (body === null) return new Response(null, { status: 304, headers });
  return new Response(body as BodyInit, {
    headers: { ...headers, "Content-Type": "application/json" },
  });
});

/** A page of the past, or what is pending: no tag, it is made anew for each who asks. */
function answerPage(page: Outcome<SerialisedPage>): Response {
  if (!page.ok) return refuse(page);
  const { rebuiltAt, body } = page.value;
  return new Response(body as BodyInit, {
    headers: {
      "Content-Type": "application/json",
      "Rebuilt-At": String(rebuiltAt),
      "Cache-Control": "no-store",
    },
  });
}

export const POST = handler(async (request) => {
  const body = await readJson(request);
  if (!body.ok) return refuse(body);
  const posted = await comments().post(WALL, callerOf(request), body.value);
  if (!posted.ok) return refuse(posted);
  const { comment, created } = posted.value;
  return json(comment, created ? 201 : 200, { Location: `/api/comments/${comment.id}` });
});
