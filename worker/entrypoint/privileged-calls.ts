/** Calls that need a token. The caller's role and the body are checked before the single writer is called. */
import type { GenericSchema, InferOutput } from "valibot";
import { validate } from "#schema/check/validate";
import { type Outcome, type Refusal, refusal } from "#schema/problem";
import type { Caller } from "#schema/rpc";
import type { Asker } from "../contract/asker";
import type { WriterCalls } from "../contract/writer-calls";
import type { Log } from "../platform/log";
import { askWriter } from "./ask-writer";
import { unauthorized } from "./refusals";
import { type Holder, holderOf, type Role, roleOf, type Tokens } from "./tokens";

/** Refusal texts: wrong role, rebuilder unavailable. */
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

/** Calls the single writer with a valid body. `by`: the name of the token's holder, if it has one. */
export type Question<Schema extends GenericSchema, Answer> = (
  writer: WriterCalls,
  valid: InferOutput<Schema>,
  by: string | undefined,
) => Promise<Answer>;

interface PrivilegedCallsParts {
  tokens: Tokens;
  asker: Asker;
  log: Log;
}

export class PrivilegedCalls {
  readonly #parts: PrivilegedCallsParts;

  constructor(parts: PrivilegedCallsParts) {
    this.#parts = parts;
  }

  /** The caller's role by its token: `anyone` without a token, `unknown` with a token of no role. */
  roleOf({ token }: Caller): Role | "anyone" | "unknown" {
    if (token === undefined) return "anyone";
    return roleOf(this.#parts.tokens, token) ?? "unknown";
  }

  /** A refusal with `401` or `403` unless the caller has the role; else `null`. */
  denial(wanted: Role, caller: Caller): Refusal | null {
    const holder = this.#holderOf(wanted, caller);
    return "problem" in holder ? holder : null;
  }

  #holderOf(wanted: Role, { token }: Caller): Holder | Refusal {
    const holder = token === undefined ? null : holderOf(this.#parts.tokens, token);
    if (!holder) return unauthorized();
    return holder.role === wanted ? holder : refusal("forbidden", REFUSALS[wanted].forbidden);
  }

  /** Makes a call for one role only. Refuses with `401`, `403`, `400`, in this order; `503` without the rebuilder. */
  async ask<const Schema extends GenericSchema, Value>(
    wanted: Role,
    caller: Caller,
    body: unknown,
    schema: Schema,
    question: Question<Schema, Outcome<Value>>,
  ): Promise<Outcome<Value>> {
    const holder = this.#holderOf(wanted, caller);
    if ("problem" in holder) return holder;
    const { away } = REFUSALS[wanted];
    const valid = validate(schema, body);
    if (!valid.ok) return valid;
    return askWriter(this.#parts, away, (writer) => question(writer, valid.value, holder.name));
  }
}
