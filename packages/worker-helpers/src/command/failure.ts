/** A failure that a person can do something about: the command says its sentence and ends with its code, without a stack. */

export class Failure extends Error {
  readonly exitCode: number;

  /** `message` is a whole sentence that says what is wrong and what to do. */
  constructor(message: string, options: { readonly exitCode?: number; readonly cause?: unknown } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : {});
    this.name = 'Failure';
    this.exitCode = options.exitCode ?? 1;
  }
}
