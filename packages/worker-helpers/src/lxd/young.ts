/**
 * Frees the memory of pieces of output that were handed on. Each is a block outside of the heap, of which the collector thinks
 * that some more do no harm: with a command that says much, a hundred megabytes are waiting for it by then.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as z from 'zod';

const EVERY_BYTES = 8 * 1024 * 1024;

type Collect = (options: { type: 'minor' }) => void;

let collect: Collect | undefined;
let bytes = 0;

/** To be told of each piece. */
export function handedOn(length: number): void {
  bytes += length;
  if (bytes < EVERY_BYTES) return;
  bytes = 0;
  collect ??= collector();
  collect({ type: 'minor' });
}

/** V8 has it for those only that ask, by a flag. */
function collector(): Collect {
  setFlagsFromString('--expose-gc');
  return z.custom<Collect>((value) => typeof value === 'function').parse(runInNewContext('gc'));
}
