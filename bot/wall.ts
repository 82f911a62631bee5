/** The five calls that a bot makes of a wall, and one that tells whether its token is right. */
import * as v from "valibot";
import { ApiError, json, request } from "#client/api/request";
import { type Comment, CommentSchema, type Draft } from "#schema/comment";
import { ReadSchema } from "#schema/read";
import { compareUrgency } from "#schema/urgency";
import { TokenRefused } from "./failure";

export interface WallOptions {
  /** Without a slash at its end. */
  url: string;
  token: string;
}

export class Wall {
  readonly #commentsUrl: string;
  readonly #headers: Record<string, string>;

  constructor({ url, token }: WallOptions) {
    this.#commentsUrl = `${url}/api/comments`;
    this.#headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  }

  /**
   * What waits for one of these entities or for none, the most urgent first; without entities, all.
   * `limit` is for each entity, up to 500.
   */
  async pending(entities: readonly string[], limit: number): Promise<Comment[]> {
    const queries = entities.length > 0 ? entities.map((entity) => ({ entity })) : [{}];
    const lists = await Promise.all(
      queries.map((query) => this.#read({ pending: "1", limit: String(limit), ...query })),
    );
    const [first = []] = lists;
    return lists.length === 1 ? first : mergeByUrgency(lists.flat());
  }

  /** The newest comments, oldest first. */
  async recent(limit: number): Promise<Comment[]> {
    return (await this.#read({ limit: String(limit) })).reverse();
  }

  /** The comment as claimed, or extended; `null` when it is another's, processed, or gone. */
  async claim(id: string, bot: string, seconds: number): Promise<Comment | null> {
    const claimed = await this.#send("POST", `/${id}/claim`, { bot, seconds }, [404, 409]);
    return claimed === null ? null : this.#parse(CommentSchema, claimed);
  }

  /** Gives a claimed comment back; nothing happens when it is not ours any more. */
  async release(id: string, bot: string): Promise<void> {
    await this.#send("POST", `/${id}/release`, { bot }, [404, 409]);
  }

  /** The comment, or with the same nonce once more the first one. */
  async post(draft: Draft): Promise<Comment> {
    return this.#parse(CommentSchema, await this.#send("POST", "", draft));
  }

  /** Idempotent; nothing happens when the comment was taken down. */
  async markProcessed(id: string): Promise<void> {
    await this.#send("PATCH", `/${id}`, { botParams: { processed: true } }, [404]);
  }

  /** @throws {TokenRefused} unless the token may claim: a token is looked at before the comment. */
  async checkToken(): Promise<void> {
    await this.release("none", "token-check");
  }

  async #read(query: Record<string, string>): Promise<Comment[]> {
    const url = `${this.#commentsUrl}?${new URLSearchParams(query)}`;
    return this.#parse(ReadSchema, await json(await request(url, {}))).comments;
  }

  /** The answer's body; `null` where there is none, or where its status is one of `expected`. */
  async #send(method: string, path: string, body: unknown, expected: number[] = []) {
    try {
      const init = { method, headers: this.#headers, body: JSON.stringify(body) };
      const response = await request(this.#commentsUrl + path, init);
      return response.status === 204 ? null : await json<unknown>(response);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const { status } = error;
      // Every refusal of the wall is a problem; what else has such a status is not the wall.
      if (!error.problem) throw error;
      if (status === 401 || status === 403) throw new TokenRefused(error.message);
      if (expected.includes(status)) return null;
      throw error;
    }
  }

  #parse<const S extends v.GenericSchema>(schema: S, body: unknown): v.InferOutput<S> {
    const parsed = v.safeParse(schema, body);
    if (parsed.success) return parsed.output;
    throw new Error(`no wall's answer: ${parsed.issues[0].message}`);
  }
}

/** Each once, in the order in which the wall gives each list. */
function mergeByUrgency(comments: Comment[]): Comment[] {
  const byId = new Map(comments.map((comment) => [comment.id, comment]));
  return [...byId.values()].sort(compareUrgency);
}
