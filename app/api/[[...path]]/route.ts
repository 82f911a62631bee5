/** Every other address under `/api`: problem details, where Next would answer a page. */
import { refusal } from "#schema/problem";
import { handler, refuse } from "../http";

export const runtime = "edge";

const answer = handler(async (request) => {
  const { pathname } = new URL(request.url);
  return refuse(refusal("not_found", `There is nothing at ${pathname}.`));
});

export {
  answer as GET,
  answer as HEAD,
  answer as POST,
  answer as PUT,
  answer as PATCH,
  answer as DELETE,
  answer as OPTIONS,
};
