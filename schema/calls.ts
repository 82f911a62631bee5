/** The calls of the single writer, and what logs and bill need to know of each. */

/** The bill's line for a call; `posts`, `notices` and `polls` are counted in other ways as well. */
export type BilledAs = "polls" | "notices" | "posts" | "bots" | "others";

interface CallFacts {
  billedAs: BilledAs;
  /**
   * Whether each one is logged: the calls that need a token and change something. Logging people's posts and all
   * reads would only fill the logs.
   */
  isLogged?: true;
}

export const CALLS = {
  sync: { billedAs: "polls" },
  notice: { billedAs: "notices" },
  append: { billedAs: "posts" },
  // A bot's message on `kv`: a question before the post.
  accept: { billedAs: "bots", isLogged: true },
  patch: { billedAs: "bots", isLogged: true },
  claim: { billedAs: "bots", isLogged: true },
  release: { billedAs: "bots", isLogged: true },
  pending: { billedAs: "bots" },
  find: { billedAs: "others" },
  overlay: { billedAs: "others" },
  history: { billedAs: "others" },
  status: { billedAs: "others" },
  health: { billedAs: "others" },
  moderation: { billedAs: "others" },
  pause: { billedAs: "others", isLogged: true },
  remove: { billedAs: "others", isLogged: true },
  removeOwn: { billedAs: "others" },
  removeSender: { billedAs: "others", isLogged: true },
  previewRemoval: { billedAs: "others" },
  undoRemoval: { billedAs: "others", isLogged: true },
  // On `kv` before each person's post, while a sender is blocked.
  blockedUntil: { billedAs: "others" },
  block: { billedAs: "others", isLogged: true },
  unblock: { billedAs: "others", isLogged: true },
  report: { billedAs: "others" },
  reported: { billedAs: "others" },
  dismiss: { billedAs: "others", isLogged: true },
  import: { billedAs: "others", isLogged: true },
  removedSince: { billedAs: "others" },
  move: { billedAs: "others", isLogged: true },
  clear: { billedAs: "others", isLogged: true },
} satisfies Record<string, CallFacts>;

export type CallName = keyof typeof CALLS;

const callNames = Object.keys(CALLS) as CallName[];

/** The calls that share a line of the bill. */
export function callsBilledAs(line: BilledAs): CallName[] {
  return callNames.filter((name) => CALLS[name].billedAs === line);
}

export function isLogged(name: CallName): boolean {
  const facts: CallFacts = CALLS[name];
  return facts.isLogged === true;
}
