// @ts-check
/** JavaScript of the first load, in KB of 1,000 bytes as Next reports it, gzipped. */
export const FIRST_LOAD_BUDGET_KB = 125;
