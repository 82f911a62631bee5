/** Deeds that take a token: who asks for one is checked here before the single writer is asked. */
import type { GenericSchema, InferOutput } from "valibot";
import { type Outcome, refusal } from "#schema/problem";
import type { Caller } from "#schema/rpc";
import { validate } from "#schema/validate";
import type { Log } from "./log";
import type { Asker, RebuilderRpc } from "./rebuilder-rpc";
import { unauthorized, unavailable } from "./refusals";
import { type Role, roleOf, type Tokens } from "./tokens";

/** What is told others than a deed's role, and all while the rebuilder is away. */
const REFUSALS: Record<Role, { forbidden: string; away: string }> = {
  bot: {
    forbidden: "This token may not mark or claim comments.",
    away: "The comment can't be changed right now.",
  },
  admin: {
    forbidden: "This token may not moderate the wall.",
    away: "The wall can't be moderated right now.",
  },
};

/** What is asked of the single writer with a valid body. */
export type Question<Schema extends GenericSchema, Answer> = (
  rebuilder: RebuilderRpc,
  wall: string,
  valid: InferOutput<Schema>,
) => Promise<Answer>;

interface DeedsParts {
  wall: string;
  tokens: Tokens;
  asker: Asker;
  log: Log;
}

export class Deeds {
  readonly #parts: DeedsParts;

  constructor(parts: DeedsParts) {
    this.#parts = parts;
  }

  /** Whom the caller's token makes it: `anyone` without one, `unknown` with one that fits nobody. */
  roleOf({ token }: Caller): Role | "anyone" | "unknown" {
    if (token === undefined) return "anyone";
    return roleOf(this.#parts.tokens, token) ?? "unknown";
  }

  /** What only one role may ask: `401`, `403` and `400` in that order, `503` while the rebuilder is away. */
  async ask<const Schema extends GenericSchema, Value>(
    wanted: Role,
    caller: Caller,
    body: unknown,
    schema: Schema,
    question: Question<Schema, Outcome<Value>>,
  ): Promise<Outcome<Value>> {
    const { forbidden, away } = REFUSALS[wanted];
    const role = this.roleOf(caller);
    if (role === "unknown" || role === "anyone") return unauthorized();
    if (role !== wanted) return refusal("forbidden", forbidden);
    const valid = validate(schema, body);
    if (!valid.ok) return valid;
    const { wall, asker, log } = this.#parts;
    try {
      return await asker.ask((rebuilder) => question(rebuilder, wall, valid.value));
    } catch (error) {
      log("rebuilder away", { error });
      return unavailable(away);
    }
  }
}
