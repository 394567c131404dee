/**
 * Hands the command's output on as it comes, without keeping more of it than one piece: to the file itself and not by way of
 * Node's streams, which would buffer without a limit, and end the whole program when nobody reads any more.
 */
import { write } from 'node:fs';
import type { Sink } from '../lxd/index.ts';

const PAUSE_MILLISECONDS = 5;

/** Writes to an open file descriptor. `gone` is called once, when nobody reads it any more; what comes later is dropped. */
export function outputTo(fd: number, gone: () => void): Sink {
  let state: 'open' | 'gone' = 'open';
  return (chunk) => {
    if (state === 'gone') return undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    const writeFrom = (offset: number): void => {
      write(fd, chunk, offset, (error, written) => {
        if (error?.code === 'EAGAIN') {
          // A pipe that another program has made non-blocking, and that is full.
          setTimeout(() => writeFrom(offset), PAUSE_MILLISECONDS);
        } else if (error !== null) {
          state = 'gone';
          gone();
          resolve();
        } else if (offset + written < chunk.length) {
          writeFrom(offset + written);
        } else {
          resolve();
        }
      });
    };
    writeFrom(0);
    return promise;
  };
}
