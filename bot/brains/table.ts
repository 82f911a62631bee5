/** The brains that a bot can be started with. A new one is a file beside this one, and an entry here. */
import type { BrainFactory } from "./brain";
import { echoBrain } from "./echo-brain";
import { openaiBrain } from "./openai-brain";

export const BRAINS = {
  echo: () => echoBrain,
  openai: openaiBrain,
} satisfies Record<string, BrainFactory>;

export type BrainName = keyof typeof BRAINS;

export const BRAIN_NAMES = Object.keys(BRAINS) as BrainName[];
