/** `GET /api/bots`: the bots that are present. */
import * as v from "valibot";

const PresentBotSchema = v.object({
  name: v.string(),
  /** When it last read its pending messages, or now while it holds a live channel, in ms. */
  seenAt: v.number(),
});

/** The body of the answer, sorted by name. */
export const PresentBotsSchema = v.object({ bots: v.array(PresentBotSchema) });

export type PresentBot = v.InferOutput<typeof PresentBotSchema>;
export type PresentBots = v.InferOutput<typeof PresentBotsSchema>;
