/** The set-up on real files, with a systemctl that keeps the state of one service. */
import assert from 'node:assert/strict';
import { chownSync, mkdirSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import type { Log } from '../command/log.ts';
import { type Machine, parseSystemdTime } from './machine.ts';
import { removeWorker, setUpWorker } from './set-up.ts';
import { readSettings } from './settings.ts';

const root = process.geteuid?.() === 0;
/** Nobody, where the tests may act as another user. */
const worker = root
  ? { uid: 65_534, gid: 65_534 }
  : { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };

let directory: string;
let machine: Machine;
let service: { state: 'active' | 'inactive'; since: Date; asked: string[] };
let said: string[];

const keep = (sentence: string): void => {
  said.push(sentence);
};
const log: Log = { debug: keep, info: keep, warn: keep, error: keep };

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'setup-'));
});
after(() => rm(directory, { recursive: true }));

beforeEach(async () => {
  await rm(directory, { recursive: true });
  mkdirSync(join(directory, 'worker'), { recursive: true });
  if (root) chownSync(join(directory, 'worker'), worker.uid, worker.gid);
  await writeFile(join(directory, 'password'), 'hunter2\n', { mode: 0o600 });
  service = { state: 'inactive', since: new Date(0), asked: [] };
  said = [];
  machine = {
    places: {
      worker: join(directory, 'worker'),
      trust: join(directory, 'trust'),
      metrics: join(directory, 'lpbuildbot.prom'),
    },
    worker,
    run: async (argv) => {
      const [, verb = ''] = argv;
      if (verb === 'show') {
        const time = service.since.toISOString().replace('T', ' ').replace('Z', ' UTC');
        const output = `LoadState=loaded\nActiveState=${service.state}\nExecMainStartTimestamp=Mon ${time}\n`;
        return { code: 0, output };
      }
      service.asked.push(verb);
      // A drained worker without builds is started anew at once.
      service.state = verb === 'stop' ? 'inactive' : 'active';
      service.since = new Date(Date.now() + 1000);
      return { code: 0, output: '' };
    },
  };
});

const setUp = async (changes: { name?: string; tlsCa?: string; patience?: 'now' } = {}): Promise<void> => {
  const { patience = 'builds-end', ...others } = changes;
  const wishes = {
    master: { host: 'master', port: 9989 },
    name: 'w1',
    passwordFile: join(directory, 'password'),
    admin: 'us',
    ...others,
  };
  await setUpWorker(machine, readSettings(wishes, log), patience, log);
};

const tac = (): string => join(machine.places.worker, 'buildbot.tac');

test('a worker is set up once, and a second run says that there is nothing to do', async () => {
  await setUp();
  const { mode, uid } = await stat(tac());
  assert.deepEqual({ mode: mode & 0o777, uid }, { mode: 0o600, uid: worker.uid });
  assert.match(await readFile(tac(), 'utf8'), /"hunter2"/);
  assert.deepEqual(service.asked, ['start']);
  said = [];
  await setUp();
  assert.deepEqual(said, ['nothing to do: this is worker w1 of master:9989.']);
  assert.deepEqual(service.asked, ['start']);
});

test('another name drains the worker, another password too, and the password is never said', async () => {
  await setUp();
  await setUp({ name: 'w2' });
  await writeFile(join(directory, 'password'), 'hunter3');
  await setUp({ name: 'w2', patience: 'now' });
  assert.deepEqual(service.asked, ['start', 'reload', 'restart']);
  assert.doesNotMatch(said.join('\n'), /hunter/);
});

test('a worker that was not told of a change, because its writer was killed, is told by the next run', async () => {
  await setUp();
  const later = new Date(service.since.getTime() + 60_000);
  await utimes(tac(), later, later);
  await setUp();
  assert.deepEqual(service.asked, ['start', 'reload']);
});

test('a worker that ends by itself at that moment is started with the new settings', async () => {
  await setUp();
  const { run } = machine;
  let asked = 'no';
  machine = {
    ...machine,
    run: async (argv) => {
      if (argv[1] !== 'reload' || asked === 'yes') return await run(argv);
      asked = 'yes';
      service.state = 'inactive';
      return { code: 1, output: 'buildslave.service is not active, cannot reload.' };
    },
  };
  await setUp({ name: 'w2' });
  assert.deepEqual(service.asked, ['start', 'start']);
});

test('a worker that cannot be asked is told', async () => {
  await setUp();
  const { run } = machine;
  machine = {
    ...machine,
    run: async (argv) => (argv[1] === 'reload' ? { code: 1, output: 'Access denied' } : await run(argv)),
  };
  await assert.rejects(setUp({ name: 'w2' }), /systemctl reload buildslave.service failed: Access denied/);
});

test('removal leaves checkouts and logs', async () => {
  await setUp();
  await writeFile(join(machine.places.worker, 'twistd.log'), 'log');
  await writeFile(machine.places.metrics, 'lpbuildbot_image_present 1\n');
  await removeWorker(machine, 'builds-end', log);
  await assert.rejects(stat(tac()), { code: 'ENOENT' });
  await assert.rejects(stat(machine.places.metrics), { code: 'ENOENT' });
  assert.equal(await readFile(join(machine.places.worker, 'twistd.log'), 'utf8'), 'log');
  assert.deepEqual(service.asked, ['start', 'reload']);
  service.state = 'inactive';
  said = [];
  await removeWorker(machine, 'builds-end', log);
  assert.deepEqual(said, ['nothing to do: no worker is set up here.']);
});

test('a link that a build left in the directory leads nowhere', {
  skip: root ? false : 'needs root',
}, async () => {
  const victim = join(directory, 'victim');
  mkdirSync(victim, { mode: 0o755 });
  await writeFile(join(victim, 'host'), 'precious\n');
  await symlink(victim, join(machine.places.worker, 'info'));
  await symlink(join(victim, 'host'), tac());
  await assert.rejects(setUp(), /host cannot be written \(EACCES\)|admin cannot be written \(EACCES\)/);
  assert.equal(await readFile(join(victim, 'host'), 'utf8'), 'precious\n');
});

const files: readonly { name: string; content: string; mode?: number; told: RegExp }[] = [
  { name: 'an empty password', content: '\n', told: /is empty/ },
  { name: 'a password of two lines', content: 'a\nb\n', told: /has several lines/ },
];

for (const { name, content, told } of files) {
  test(`${name} is refused, and nothing is written`, async () => {
    await writeFile(join(directory, 'password'), content);
    await assert.rejects(setUp(), told);
    await assert.rejects(stat(tac()), { code: 'ENOENT' });
  });
}

test('a file that is not there, and one that is no certificate, are told by name', async () => {
  await assert.rejects(setUp({ tlsCa: join(directory, 'absent') }), /absent cannot be read \(ENOENT\)/);
  await writeFile(
    join(directory, 'ca.pem'),
    '-----BEGIN CERTIFICATE-----\nrubbish\n-----END CERTIFICATE-----\n',
  );
  await assert.rejects(setUp({ tlsCa: join(directory, 'ca.pem') }), /ca\.pem holds no certificate/);
});

test('a password that everybody can read is told', async () => {
  await rm(join(directory, 'password'));
  await writeFile(join(directory, 'password'), 'hunter2', { mode: 0o644 });
  await setUp();
  assert.match(said.join('\n'), /password can be read by other users/);
});

test("systemd's times are read to the microsecond", () => {
  assert.equal(parseSystemdTime('Mon 2026-11-23 07:05:15.250000 UTC'), Date.UTC(2026, 10, 23, 7, 5, 15, 250));
  assert.equal(parseSystemdTime('Mon 2026-11-23 07:05:15 UTC'), Date.UTC(2026, 10, 23, 7, 5, 15));
  assert.equal(parseSystemdTime(''), undefined);
  assert.equal(parseSystemdTime('n/a'), undefined);
});
