/** `juju ssh` and `juju scp`: what they do on machines, they do as the user `ubuntu`, who may use sudo. */
import { spawn } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { applicationOf, unitOf } from '../core/world.ts';
import { type Caller, Failure, pathOf } from './console.ts';
import { type Command, modelOptions, type Session } from './session.ts';

const options = {
  'no-host-key-checks': 'switch',
  proxy: { not: 'switch' },
  container: { not: 'value' },
} as const;

/** A program that ends with that code ends the command with it, silently. */
export class Ended extends Error {
  override readonly name = 'Ended';
  readonly code: number;

  constructor(code: number) {
    super(`ended with ${code}`);
    this.code = code;
  }
}

export const ssh: Command = {
  about: 'the model',
  options: { ...options, ...modelOptions, pty: 'switch' },
  where: 'before the words',
  async run(session, line, caller) {
    const [target, ...words] = line.words;
    if (target === undefined) throw new Failure('no target name specified', 2);
    if (words[0]?.startsWith('-'))
      throw new Failure(`the rig's juju passes no options to ssh: ${words[0]}`, 2);
    if (words.length === 0) throw new Failure("the rig's juju opens no shell: say a command", 2);
    const place = placeOf(session, target);
    const input = caller.input;
    const code = await remote(place, words.join(' '), {
      ...(input !== undefined && { input }),
      out: (data) => caller.out(data),
      err: (data) => caller.err(data),
    });
    if (code !== 0) throw new Ended(code);
  },
};

/** A machine that is lost: what it had is gone, and its units' hooks do not run. */
export const removeMachine: Command = {
  about: 'the model',
  options: {
    force: 'switch',
    prompt: { not: 'switch' },
    'no-prompt': 'switch',
    'no-wait': { not: 'switch' },
    'dry-run': { not: 'switch' },
    'keep-instance': { not: 'switch' },
  },
  async run({ ground }, line, caller) {
    if (line.words.length === 0) throw new Failure('no machines specified', 2);
    if (!line.on('no-prompt')) throw new Failure("the rig's juju asks nothing: say --no-prompt");
    for (const id of line.words) {
      if (ground.status().machines[id] === undefined) throw new Failure(`machine ${id} not found`);
      const units = [...ground.world.units.values()].filter(({ machine }) => machine === id);
      if (units.length > 0 && !line.on('force')) {
        const names = units.map(({ name }) => name).join(', ');
        throw new Failure(`removing machine ${id} failed: machine ${id} has unit(s) ${names} assigned`);
      }
      await ground.removeMachine(id);
      const removed = units.map(({ name }) => `- will remove unit ${name}\n`).join('');
      caller.out(`will remove machine ${id}\n${removed}`);
    }
  },
};

interface Place {
  readonly instance: string;
  readonly user: string;
}

/** A unit, a leader or a machine, and perhaps who. */
function placeOf({ ground }: Session, target: string): Place {
  const [, user = 'ubuntu', what = ''] = /^(?:([^@]*)@)?(.*)$/.exec(target) ?? [];
  if (/^\d+$/.test(what)) {
    if (ground.status().machines[what] === undefined) throw new Failure(`machine ${what} not found`);
    return { instance: ground.instance(what), user };
  }
  const [application = '', number] = what.split('/');
  const name = number === 'leader' ? applicationOf(ground.world, application).leader : what;
  if (name === undefined) throw new Failure(`could not determine leader for "${application}"`);
  return { instance: ground.instance(unitOf(ground.world, name).machine), user };
}

interface Streams {
  readonly input?: AsyncIterable<Buffer>;
  readonly out: (data: Buffer) => unknown;
  readonly err: (data: Buffer) => unknown;
}

/** An exec that is only being set up now and then never ends when its standard input ends at once. */
const setUpMilliseconds = 500;

async function remote({ instance, user }: Place, command: string, streams: Streams): Promise<number> {
  const stdin = streams.input === undefined ? ['--disable-stdin'] : [];
  const argv = ['exec', '-T', ...stdin, instance, '--', 'runuser', '-l', user, '-c', command];
  const child = spawn('lxc', argv, { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.on('error', () => {});
  child.stdout.on('data', streams.out);
  child.stderr.on('data', streams.err);
  const ended = new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 255));
  });
  if (streams.input === undefined) child.stdin.end();
  else void feed(streams.input, child.stdin);
  return await ended;
}

async function feed(input: AsyncIterable<Buffer>, stdin: NodeJS.WritableStream): Promise<void> {
  const ready = sleep(setUpMilliseconds);
  for await (const chunk of input) stdin.write(chunk);
  await ready;
  stdin.end();
}

export const scp: Command = {
  about: 'the model',
  options: { ...options, ...modelOptions },
  where: 'before the words',
  async run(session, line, caller) {
    const [from, to, ...more] = line.words;
    if (from === undefined || to === undefined) throw new Failure('at least two arguments required', 2);
    if (more.length > 0 || from.startsWith('-')) {
      throw new Failure("the rig's juju copies one file, and passes no options to scp", 2);
    }
    const [source, destination] = [remotePath(from), remotePath(to)];
    if (source !== undefined && destination === undefined)
      await download(session, source, pathOf(caller, to), caller);
    else if (source === undefined && destination !== undefined) {
      await upload(session, pathOf(caller, from), destination, caller);
    } else throw new Failure("the rig's juju copies between a machine and here", 2);
  },
};

interface RemotePath {
  readonly target: string;
  readonly path: string;
}

function remotePath(text: string): RemotePath | undefined {
  const [, target, path] = /^((?:[^@/:]*@)?(?:\d+|[a-z][a-z0-9-]*\/(?:\d+|leader))):(.*)$/.exec(text) ?? [];
  return target === undefined || path === undefined ? undefined : { target, path };
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}

async function download(
  session: Session,
  { target, path }: RemotePath,
  to: string,
  caller: Caller,
): Promise<void> {
  const there = await stat(to).catch(() => undefined);
  const file = createWriteStream(there?.isDirectory() ? join(to, basename(path)) : to);
  const code = await remote(placeOf(session, target), `cat -- ${quoted(path)}`, {
    out: (data) => file.write(data),
    err: (data) => caller.err(data.toString('utf8').replace(/^cat: /, 'scp: ')),
  });
  await new Promise<void>((resolve, reject) => {
    file.on('error', reject);
    file.end(resolve);
  });
  if (code !== 0) throw new Ended(1);
}

async function upload(
  session: Session,
  from: string,
  { target, path }: RemotePath,
  caller: Caller,
): Promise<void> {
  if (!(await stat(from).catch(() => undefined))?.isFile()) {
    caller.err(`${from}: No such file or directory\n`);
    throw new Ended(1);
  }
  const to = quoted(path === '' ? '.' : path);
  const name = quoted(basename(from));
  const command = `to=${to}; if [ -d "$to" ]; then to="$to/"${name}; fi; cat > "$to"`;
  const code = await remote(placeOf(session, target), command, {
    input: createReadStream(from),
    out: () => {},
    err: (data) => caller.err(data),
  });
  if (code !== 0) throw new Ended(1);
}
