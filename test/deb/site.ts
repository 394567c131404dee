/** A web server on the bridge, for what a site serves its workers: the apt repository, and repositories of git. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join, normalize } from 'node:path';
import { bridgeAddress } from './lxc.ts';

export interface Site {
  readonly url: string;
  readonly host: string;
  /** The paths that were asked for. */
  readonly asked: readonly string[];
  stop(): Promise<void>;
}

/** Serves a directory's files, on the bridge alone. */
export async function serve(directory: string): Promise<Site> {
  const host = await bridgeAddress();
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://site').pathname));
    asked.push(path);
    const file = join(directory, path);
    const found = await stat(file).catch(() => undefined);
    if (found === undefined || !found.isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-length': found.size, 'last-modified': found.mtime.toUTCString() });
    createReadStream(file).pipe(response);
  });
  const listening = Promise.withResolvers<void>();
  server.once('error', listening.reject);
  server.listen(0, host, () => listening.resolve());
  await listening.promise;
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://${host}:${address.port}`,
    host,
    asked,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
