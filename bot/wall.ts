/** The calls that a bot makes. */
import * as v from "valibot";
import { ApiError, json, request } from "#client/api/request";
import { type Comment, CommentSchema, type Draft } from "#schema/comment";
import { type Read, ReadSchema } from "#schema/read";
import { TokenRefused } from "./failure";

export interface WallOptions {
  /** Without a trailing slash. */
  url: string;
  token: string;
}

interface PendingQuery {
  entity: string;
  addressedOnly: boolean;
  limit: number;
}

export interface Claim {
  /** Identifies this process. */
  bot: string;
  seconds: number;
  /** As whom it will answer. */
  name: string;
}

/** The header with the token. */
export function authorization(token: string): Record<string, string> {
  return { Authorization: `Bearer ${token}` };
}

export class Wall {
  readonly #commentsUrl: string;
  readonly #authorization: Record<string, string>;

  constructor({ url, token }: WallOptions) {
    this.#commentsUrl = `${url}/api/comments`;
    this.#authorization = authorization(token);
  }

  /**
   * Pending comments for this entity or, unless `addressedOnly`, for nobody; the most urgent first. For 30 s the wall
   * then lists the entity among the bots that are present. `limit` is up to 500.
   */
  async pending({ entity, addressedOnly, limit }: PendingQuery): Promise<Comment[]> {
    const query = { pending: "1", entity, limit: String(limit) };
    const read = await this.#read({ ...query, ...(addressedOnly && { addressed: "1" }) });
    return read.comments;
  }

  /** The newest comments, oldest first. */
  async recent(limit: number): Promise<Comment[]> {
    return (await this.#read({ limit: String(limit) })).comments.reverse();
  }

  /** The wall's cursor, with which a live channel begins. */
  async cursor(): Promise<string> {
    return (await this.#read({ limit: "1" })).cursor;
  }

  /**
   * The comment as claimed or extended; `null` if it is another bot's, processed, or gone. While the claim lives, pages
   * show that `name` is answering.
   */
  async claim(id: string, claim: Claim): Promise<Comment | null> {
    const claimed = await this.#send("POST", `/${id}/claim`, claim, [404, 409]);
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

  /** With the token, which only pending comments require: other answers may come from a cache. */
  async #read(query: Record<string, string>): Promise<Read> {
    const url = `${this.#commentsUrl}?${new URLSearchParams(query)}`;
    const init = query.pending ? { headers: this.#authorization } : {};
    const response = await request(url, init).catch(refuseToken);
    return this.#parse(ReadSchema, await json(response));
  }

  /** The answer's body; `null` if there is none, or if its status is one of `expected`. */
  async #send(method: string, path: string, body: unknown, expected: number[] = []) {
    const headers = { ...this.#authorization, "Content-Type": "application/json" };
    try {
      const init = { method, headers, body: JSON.stringify(body) };
      const response = await request(this.#commentsUrl + path, init).catch(refuseToken);
      return response.status === 204 ? null : await json<unknown>(response);
    } catch (error) {
      if (isProblem(error) && expected.includes(error.status)) return null;
      throw error;
    }
  }

  #parse<const S extends v.GenericSchema>(schema: S, body: unknown): v.InferOutput<S> {
    const parsed = v.safeParse(schema, body);
    if (parsed.success) return parsed.output;
    throw new Error(`unexpected answer: ${parsed.issues[0].message}`);
  }
}

/** Every refusal of the wall is a problem; other bodies with such a status don't come from the wall. */
function isProblem(error: unknown): error is ApiError {
  return error instanceof ApiError && error.problem !== undefined;
}

function refuseToken(error: unknown): never {
  if (isProblem(error) && (error.status === 401 || error.status === 403))
    throw new TokenRefused(error.message);
  throw error;
}
