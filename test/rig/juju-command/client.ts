/**
 * The `juju` that stands in the PATH: it gives its words to the process of the test, over a socket, and prints and ends as it is told.
 * Messages are lines of JSON; what is printed and read is in base64, since it may be anything.
 */
import { fstatSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

const [, , socket = '', ...args] = process.argv;

/** A terminal or /dev/null has nothing to give. */
function hasInput(): boolean {
  try {
    return !fstatSync(0).isCharacterDevice();
  } catch {
    return false;
  }
}

const connection = connect(socket);
const tell = (message: unknown): void => {
  connection.write(`${JSON.stringify(message)}\n`);
};

connection.on('error', (error) => {
  console.error(`ERROR the rig does not answer: ${error.message}`);
  process.exit(1);
});
connection.on('close', () => {
  console.error('ERROR the rig went away');
  process.exit(1);
});

const { HOME, JUJU_MODEL } = process.env;
const input = hasInput() ? 'stream' : 'none';
tell({ type: 'call', args, directory: process.cwd(), environment: { HOME, JUJU_MODEL }, input });

createInterface({ input: connection }).on('line', (line) => {
  const message: unknown = JSON.parse(line);
  if (typeof message !== 'object' || message === null) return;
  if ('out' in message) print(1, String(message.out));
  if ('err' in message) print(2, String(message.err));
  if ('read' in message) read();
  if ('code' in message) process.exit(Number(message.code));
});

/** All of it, before the process ends; a pipe that nobody reads any more is no reason to complain. */
function print(stream: 1 | 2, base64: string): void {
  let data = Buffer.from(base64, 'base64');
  while (data.length > 0) {
    try {
      data = data.subarray(writeSync(stream, data));
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'EPIPE') process.exit(141);
      if (code !== 'EAGAIN') throw error;
    }
  }
}

function read(): void {
  process.stdin.on('data', (data) => tell({ type: 'input', data: data.toString('base64') }));
  process.stdin.on('end', () => tell({ type: 'end' }));
}
