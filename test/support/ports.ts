/**
 * Ports for servers that must come back on the same one. They are taken from below the range that the kernel gives to
 * outgoing connections (ip_local_port_range, 32768 and up), so that nothing else slips in while a server is down.
 */
import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';

const lowest = 20_000;
const highest = 32_000;

/** A port of 127.0.0.1 that nothing listens on now. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(lowest, highest);
    const probe = createServer();
    if ((await listen(probe, port)) === 'listening') {
      await new Promise((resolve) => probe.close(resolve));
      return port;
    }
  }
}

/** Listens on 127.0.0.1; a port in use is an expected outcome. */
export async function listen(server: Server, port: number): Promise<'listening' | 'in use'> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      if (error.code === 'EADDRINUSE') resolve('in use');
      else reject(error);
    };
    server.once('error', failed);
    server.listen(port, '127.0.0.1', () => {
      server.removeListener('error', failed);
      resolve('listening');
    });
  });
}
