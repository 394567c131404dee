/**
 * Keeps an address for this process, from the moment that it is chosen until the process ends: LXD knows of it only once the
 * container is made. The lock is a name in the abstract namespace of Unix sockets (unix(7)), which the kernel frees, however
 * the process ends. What is left of a killed one has its address in its name.
 */
import { createServer } from 'node:net';

/** Whether it could be had: an address, or any other name that only one process is to have at a time. */
export async function reserve(what: string): Promise<boolean> {
  const server = createServer((connection) => connection.destroy());
  const outcome = Promise.withResolvers<boolean>();
  server.once('error', () => outcome.resolve(false));
  server.listen(`\0lpbuildbot-run/${what}`, () => outcome.resolve(true));
  server.unref();
  return await outcome.promise;
}
