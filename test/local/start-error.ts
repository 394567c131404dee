/** The system can't be started; the message is for the user. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
