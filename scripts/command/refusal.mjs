// @ts-check

/** Something the person at the terminal can put right: shown as its sentence alone, without a stack. */
export class Refusal extends Error {
  exitCode;

  /**
   * @param {string} message
   * @param {number} [exitCode]
   */
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** An argument or a variable that can't be meant: exit code 2, as shells and the bot have it. */
export class WrongArgument extends Refusal {
  /** @param {string} message */
  constructor(message) {
    super(message, 2);
  }
}
