// @ts-check

/** An error that the user can fix: shown as a sentence, without a stack. */
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

/** An invalid argument or variable: exit code 2, as in shells and the bot. */
export class WrongArgument extends Refusal {
  /** @param {string} message */
  constructor(message) {
    super(message, 2);
  }
}
