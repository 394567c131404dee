import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { GitWorld } from '../support/git-world.ts';
import { freePort } from '../support/ports.ts';
import { waitUntil } from '../support/wait.ts';

const root = join(import.meta.dirname, '../..');

/** `npm start` in a world of its own. */
class Start {
  output = '';
  readonly #child;
  readonly ended: Promise<number | string>;

  constructor(args: readonly string[]) {
    this.#child = spawn('sh', ['scripts/run.sh', 'test/local/main.ts', ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        this.output += chunk.toString('utf8');
      });
    }
    this.ended = new Promise((done) =>
      this.#child.once('close', (code, signal) => done(code ?? signal ?? '')),
    );
  }

  async says(words: RegExp): Promise<void> {
    let over = false;
    void this.ended.then(() => {
      over = true;
    });
    await waitUntil(String(words), () => words.test(this.output) || (over && this.#fail()), {
      timeout: 180_000,
      seen: () => this.output,
    });
  }

  #fail(): never {
    throw new Error(`npm start has ended:\n${this.output}`);
  }

  interrupt(): void {
    this.#child.kill('SIGINT');
  }
}

async function ports(): Promise<string[]> {
  const args: string[] = [];
  for (const name of ['--web-port', '--worker-port', '--promotion-port'])
    args.push(name, String(await freePort()));
  return args;
}

/** The processes that have this path among their arguments. */
async function processesWith(path: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
    const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (words.includes(path)) found.push(words.replaceAll('\0', ' '));
  }
  return found;
}

describe('npm start', () => {
  it('tells the whole story, goes on from its state, and leaves no process behind', {
    timeout: 400_000,
  }, async () => {
    await using world = await GitWorld.create();
    const state = world.path('state');
    const args = ['--state', state, ...(await ports())];
    const start = new Start(args);
    await start.says(/the story ends here/);
    for (const sentence of [
      /push +master \w{7} {2}Subtract\n/,
      /demo-tests #\d+ of \w{7} is red/,
      /master is red, and testfix mode is on: a plain commit waits/,
      /push +master \w{7} {2}\[testfix\] Subtract the right way round/,
      /demo: master -> stable: moved \w{7} -> \w{7}, newest green revision: demo-tests #\d+/,
      /demo: stable -> db-devel: merged/,
      /demo: stable -> db-devel: conflict in README\.md/,
      /push +db-devel \w{7} {2}Merge stable by hand/,
      /log in as demo, password \w+/,
    ]) {
      assert.match(start.output, sentence);
    }
    const repository = join(state, 'demo/calculator.git');
    const log = (branch: string) => world.git(repository, ['log', '--first-parent', '--format=%s', branch]);
    assert.deepEqual((await log('stable')).split('\n'), (await log('master')).split('\n'));
    assert.match(await log('db-stable'), /^Merge stable by hand, and describe both\n/);
    // stable never stood at a commit whose tests fail.
    const moves = await world.git(repository, ['log', '-1', '--format=%s', 'stable~1']);
    assert.equal(moves, '[testfix] Subtract the right way round');

    start.interrupt();
    assert.equal(await start.ended, 0);
    assert.deepEqual(await processesWith(state), []);

    const again = new Start([...args, '--once']);
    assert.equal(await again.ended, 0, again.output);
    assert.match(again.output, /push +master \w{7} {2}Note day 1\n/);
    assert.match(again.output, /every promoted branch has moved/);
    assert.deepEqual(await processesWith(state), []);
  });

  it("moves the branches of a user's own repository", { timeout: 300_000 }, async () => {
    await using world = await GitWorld.create();
    const repository = await world.repository('own');
    const first = await repository.commit('trunk', { message: 'first', files: { 'check.sh': 'exit 0\n' } });
    await repository.setBranch('released', first);
    const green = await repository.commit('trunk', {
      message: 'second',
      files: { 'check.sh': 'test -f check.sh\n' },
    });
    const file = world.path('own.yaml');
    await writeFile(
      file,
      `project: own
repository: ${repository.path}
poll: 1s
builders:
  own-check: { branch: trunk, host: true, steps: [sh check.sh] }
promotions: [{ from: trunk, to: released }]
`,
    );
    const start = new Start([
      '--once',
      '--pipeline',
      file,
      '--state',
      world.path('state'),
      ...(await ports()),
    ]);
    assert.equal(await start.ended, 0, start.output);
    assert.equal(await repository.tip('released'), green);
  });

  it('says in a sentence what keeps it from starting', { timeout: 120_000 }, async () => {
    await using world = await GitWorld.create();
    const args = ['--state', world.path('state'), ...(await ports())];
    const file = world.path('own.yaml');
    const run = async (...more: string[]) => {
      const start = new Start([...args, ...more]);
      return { code: await start.ended, said: start.output };
    };

    const server = createServer();
    await new Promise<void>((listening) => server.listen(Number(args.at(-1)), '127.0.0.1', listening));
    assert.deepEqual(await run(), {
      code: 1,
      said: `lpbuildbot: port ${args.at(-1)} is in use; end the program that has it, or choose another one with --promotion-port.\n`,
    });
    await new Promise((closed) => server.close(closed));

    await writeFile(file, 'project: own\nrepository: /srv/own.git\nbilders: {}\n');
    const mistaken = await run('--pipeline', file);
    assert.equal(mistaken.code, 1);
    assert.match(mistaken.said, /own\.yaml:3:1: .*bilders.*builders/);

    await writeFile(
      file,
      'project: own\nrepository: /srv/own.git\nimages: { focal: { base: "ubuntu:20.04" } }\nbuilders:\n  a: { branch: master, image: focal, steps: [make] }\n',
    );
    const imaged = await run('--pipeline', file);
    assert.equal(imaged.code, 1);
    assert.match(imaged.said, /build without images.*: a\. Write "host: true"/);

    assert.equal((await run('--onec')).code, 2);
    assert.equal((await run('--help')).code, 0);
    assert.deepEqual(await processesWith(world.path('state')), []);
  });
});
