/** Every brain by its name for `--brain`. A new one is a file beside this one, and a line here. */
import type { BrainFactory } from "./brain";
import { echoBrain } from "./echo-brain";
import { openaiBrain } from "./openai-brain";

export const BRAINS = {
  echo: () => echoBrain,
  openai: openaiBrain,
} satisfies Record<string, BrainFactory>;

export type BrainName = keyof typeof BRAINS;
