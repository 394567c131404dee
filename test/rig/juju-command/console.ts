/** What one call of the `juju` command has of its caller, and how it fails. */
import { resolve } from 'node:path';

/** Printed as `ERROR message`, as juju does; 2 for a wrong command line, 1 for what could not be done. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: number;

  constructor(message: string, code = 1) {
    super(message);
    this.code = code;
  }
}

export interface Caller {
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** What comes on its standard input: nothing of a terminal or /dev/null. */
  readonly input: AsyncIterable<Buffer> | undefined;
  out(text: string | Buffer): void;
  err(text: string | Buffer): void;
}

/** A path that stands in the command, as the caller means it. */
export function pathOf(caller: Caller, path: string): string {
  const [, below] = /^~(?:\/(.*))?$/.exec(path) ?? [];
  const home = caller.environment.HOME;
  if (/^~(\/|$)/.test(path) && home !== undefined) return resolve(home, below ?? '');
  return resolve(caller.directory, path);
}

export async function readInput({ input }: Caller): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of input ?? []) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
