/** The calls that a bot makes. */
import * as v from "valibot";
import { ApiError, json, request } from "#client/api/request";
import { type Comment, CommentSchema, type Draft } from "#schema/comment";
import { type Read, ReadSchema } from "#schema/read";
import { compareUrgency } from "#schema/urgency";
import { TokenRefused } from "./failure";

export interface WallOptions {
  /** Without a trailing slash. */
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
   * Pending comments for one of these entities or for none, the most urgent first; without
   * entities, all. `limit` is per entity, up to 500.
   */
  async pending(entities: readonly string[], limit: number): Promise<Comment[]> {
    const queries = entities.length > 0 ? entities.map((entity) => ({ entity })) : [{}];
    const lists = await Promise.all(
      queries.map(async (query) => {
        const read = await this.#read({ pending: "1", limit: String(limit), ...query });
        return read.comments;
      }),
    );
    const [first = []] = lists;
    return lists.length === 1 ? first : mergeByUrgency(lists.flat());
  }

  /** The newest comments, oldest first. */
  async recent(limit: number): Promise<Comment[]> {
    return (await this.#read({ limit: String(limit) })).comments.reverse();
  }

  /** The wall's cursor, with which a live channel begins. */
  async cursor(): Promise<string> {
    return (await this.#read({ limit: "1" })).cursor;
  }

  /** The comment as claimed or extended; `null` if it is another bot's, processed, or gone. */
  async claim(id: string, bot: string, seconds: number): Promise<Comment | null> {
    const claimed = await this.#send("POST", `/${id}/claim`, { bot, seconds }, [404, 409]);
    return claimed === null ? null : this.#parse(CommentSchema, claimed);
  }

  /** Releases a claimed comment; does nothing if the claim is no longer ours. */
  async release(id: string, bot: string): Promise<void> {
    await this.#send("POST", `/${id}/release`, { bot }, [404, 409]);
  }

  /** The comment; with a repeated nonce, the first one. */
  async post(draft: Draft): Promise<Comment> {
    return this.#parse(CommentSchema, await this.#send("POST", "", draft));
  }

  /** Idempotent; does nothing if the comment was removed. */
  async markProcessed(id: string): Promise<void> {
    await this.#send("PATCH", `/${id}`, { botParams: { processed: true } }, [404]);
  }

  /**
   * @throws {TokenRefused} unless the token may claim: the wall checks the token before the comment.
   */
  async checkToken(): Promise<void> {
    await this.release("none", "token-check");
  }

  async #read(query: Record<string, string>): Promise<Read> {
    const url = `${this.#commentsUrl}?${new URLSearchParams(query)}`;
    return this.#parse(ReadSchema, await json(await request(url, {})));
  }

  /** The answer's body; `null` if there is none, or if its status is one of `expected`. */
  async #send(method: string, path: string, body: unknown, expected: number[] = []) {
    try {
      const init = { method, headers: this.#headers, body: JSON.stringify(body) };
      const response = await request(this.#commentsUrl + path, init);
      return response.status === 204 ? null : await json<unknown>(response);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const { status } = error;
      // Every refusal of the wall is a problem; other bodies with such a status don't come from the
      // wall.
      if (!error.problem) throw error;
      if (status === 401 || status === 403) throw new TokenRefused(error.message);
      if (expected.includes(status)) return null;
      throw error;
    }
  }

  #parse<const S extends v.GenericSchema>(schema: S, body: unknown): v.InferOutput<S> {
    const parsed = v.safeParse(schema, body);
    if (parsed.success) return parsed.output;
    throw new Error(`unexpected answer: ${parsed.issues[0].message}`);
  }
}

/** Each comment once, by urgency. */
function mergeByUrgency(comments: Comment[]): Comment[] {
  const byId = new Map(comments.map((comment) => [comment.id, comment]));
  return [...byId.values()].sort(compareUrgency);
}
