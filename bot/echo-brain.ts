import type { Brain } from "./brain";

/** Says what it was told: to try a wall out, and a bot's way through it. */
export const echoBrain: Brain = async ({ text }) => text;
