/** `/api/comments` and below: reading, posting, and the calls on one comment. */
import type { Outcome } from "#schema/problem";
import { parseReadQuery } from "#schema/read";
import type { SerialisedPage } from "#schema/rpc";
import { call, callerOf, type OfComment } from "./call";
import { answerWith, json, noContent, refuse } from "./http/answers";
import { readJsonIfSent } from "./http/bodies";
import { requestId } from "./http/request-id";
import { WALL, worker } from "./platform";

/** The newest comments, the changes since a cursor, a page of history, or what is pending. */
export async function read(request: Request): Promise<Response> {
  const query = parseReadQuery(new URL(request.url).searchParams);
  if (!query.ok) return refuse(query);
  if ("pending" in query.value)
    return answerPage(await worker().pending(WALL, query.value, callerOf(request)));
  if ("before" in query.value)
    return answerPage(await worker().history(WALL, callerOf(request), query.value));
  const ifNoneMatch = request.headers.get("If-None-Match") ?? undefined;
  const found = await worker().read(WALL, query.value, ifNoneMatch, requestId(request));
  if (!found.ok) return refuse(found);
  const { etag, rebuiltAt, body } = found.value;
  const headers = { ETag: etag, "Rebuilt-At": String(rebuiltAt), "Cache-Control": "no-cache" };
  if (body === null) return new Response(null, { status: 304, headers });
  return new Response(body as BodyInit, {
    headers: { ...headers, "Content-Type": "application/json" },
  });
}

/** History and pending have no ETag: each caller gets an answer of its own. */
export function answerPage(page: Outcome<SerialisedPage>): Response {
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

export const post = call((rpc, caller, body) => rpc.post(WALL, caller, body), {
  answer: ({ comment, created }) =>
    json(comment, created ? 201 : 200, { Location: `/api/comments/${comment.id}` }),
});

export async function find(request: Request, { id }: OfComment): Promise<Response> {
  return answerWith(await worker().find(WALL, id, requestId(request)));
}

export const patch = call((rpc, caller, body, { id }: OfComment) =>
  rpc.patch(WALL, caller, id, body),
);

export const remove = call(
  (rpc, caller, body, { id }: OfComment) => rpc.remove(WALL, caller, id, body),
  { answer: noContent, readBody: readJsonIfSent },
);

export const claim = call((rpc, caller, body, { id }: OfComment) =>
  rpc.claim(WALL, caller, id, body),
);

export const release = call(
  (rpc, caller, body, { id }: OfComment) => rpc.release(WALL, caller, id, body),
  { answer: noContent },
);

export const report = call(
  (rpc, caller, body, { id }: OfComment) => rpc.report(WALL, caller, id, body),
  { answer: noContent, readBody: readJsonIfSent },
);
