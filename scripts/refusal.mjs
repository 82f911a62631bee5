// @ts-check

/** Something the person at the terminal can put right: shown as its sentence alone, without a stack. */
export class Refusal extends Error {}
