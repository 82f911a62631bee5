import type { Brain } from "./brain";

/** Repeats the message: for trying out a wall and the bot's calls. */
export const echoBrain: Brain = async ({ text }) => text;
