/** `/api/status/badge.svg`: ok, late or unknown, as a picture. */
import { type Condition, conditionOf } from "#schema/status";
import { handler } from "../../http";
import { comments, WALL } from "../../platform";
import { badge } from "../badge";

export const runtime = "edge";

/** However many pages show it, each visitor asks no more often; a badge that is late is wrong no longer. */
const MAX_AGE_S = 10;

/** Always `200`: in place of a picture that comes with an error most pages show a broken one. */
export const GET = handler(async () => {
  return new Response(badge(await condition()), {
    headers: {
      "Content-Type": "image/svg+xml; charset=utf-8",
      "Cache-Control": `public, max-age=${MAX_AGE_S}`,
      // Other sites show it.
      "Cross-Origin-Resource-Policy": "cross-origin",
    },
  });
});

async function condition(): Promise<Condition> {
  try {
    return conditionOf(await comments().status(WALL));
  } catch (error) {
    console.error(JSON.stringify({ event: "status not known", error: String(error) }));
    return "unknown";
  }
}
