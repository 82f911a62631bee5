/** For tests: an entrypoint without a platform, whose ledger refuses everything. */
import { Replica } from "./replica/replica";
import { type CommentsParts, CommentsService } from "./service";

const refused = async () => {
  throw new Error("not in this test");
};

/** Limits nobody, shares no cache and knows no tokens, unless `parts` say otherwise. */
export function serviceWith(
  parts: Pick<CommentsParts, "clock" | "writer"> & Partial<CommentsParts>,
) {
  return new CommentsService({
    wall: "main",
    ledger: {
      append: refused,
      write: refused,
      newest: refused,
      read: refused,
      publish: refused,
      readSpare: async () => null,
    },
    replica: new Replica(),
    shared: { get: async () => null, put: async () => {} },
    suffixes: { random: () => "0000000000", ofNonce: () => "0000000000" },
    limits: { post: async () => true, history: async () => true, report: async () => true },
    tokens: { bot: undefined, admin: undefined },
    background: () => {},
    log: () => {},
    status: { ledger: "kv", version: "test" },
    ...parts,
  });
}
