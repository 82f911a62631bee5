/**
 * Gives every request under `/api` to the table of routes. `npm run dev` answers through this file; in the
 * built page `app/edge/entry.ts` asks the same table before Next.js does.
 */
import { answerApi } from "../routes";

export const runtime = "edge";

/** Next.js adds the segments that `[[...path]]` matched to the query; the API would refuse them as unknown. */
function answer(request: Request): Promise<Response> {
  const url = new URL(request.url);
  url.searchParams.delete("path");
  return answerApi(new Request(url, request));
}

export {
  answer as GET,
  answer as HEAD,
  answer as POST,
  answer as PUT,
  answer as PATCH,
  answer as DELETE,
  answer as OPTIONS,
};
