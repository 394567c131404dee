/**
 * A real worker, as lpbuildbot-worker-setup writes it, that is told to drain while its master is there, and then loses the master: with
 * nobody to say that the builds are over, it has to leave by itself, so that it is started anew on the next master.
 */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ensureVenv } from '@lpbuildbot/buildbot';
import { tacPath, workerFiles } from '@lpbuildbot/worker-helpers/worker-files';
import { execa } from 'execa';
import { freePort } from './support/ports.ts';
import { waitUntil } from './support/wait.ts';

/** Lets the worker log in, and never lets it go. */
const master = `
import sys
from twisted.cred import checkers, portal
from twisted.internet import defer, reactor
from twisted.spread import pb
from zope.interface import implementer

class Worker(pb.Avatar):
    def perspective_shutdown(self):
        print('asked', flush=True)
        return defer.Deferred()

@implementer(portal.IRealm)
class Realm:
    def requestAvatar(self, name, mind, *interfaces):
        print('attached', flush=True)
        return pb.IPerspective, Worker(), lambda: None

passwords = checkers.InMemoryUsernamePasswordDatabaseDontUse(w1=b'password')
reactor.listenTCP(int(sys.argv[1]), pb.PBServerFactory(portal.Portal(Realm(), [passwords])), interface='127.0.0.1')
reactor.run()
`;

async function python(): Promise<string> {
  const root = join(import.meta.dirname, '..');
  const environment = await ensureVenv({
    python: process.env.LPBUILDBOT_PYTHON ?? 'python3',
    directory: join(root, '.lpbuildbot/venv'),
  });
  return environment.kind === 'ready' ? environment.python : assert.fail(environment.reason);
}

async function workerDirectory(t: TestContext, port: number): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'worker-drain-'));
  t.after(() => rm(directory, { recursive: true }));
  const places = { worker: directory, trust: directory, metrics: directory };
  const address = { host: '127.0.0.1', port };
  const settings = { master: address, name: 'w1', password: 'password', admin: 'us', host: 'here' };
  const tac = workerFiles(places, settings).find(({ path }) => path === tacPath(places));
  await mkdir(join(directory, 'info'));
  await writeFile(tacPath(places), tac?.content ?? '');
  return directory;
}

test('a worker that drains leaves by itself when its master is gone', { timeout: 180_000 }, async (t) => {
  const [interpreter, port] = [await python(), await freePort()];
  const directory = await workerDirectory(t, port);
  const options = { cwd: directory, reject: false, stdin: 'ignore', all: true } as const;
  const serving = execa(interpreter, ['-c', master, String(port)], options);
  let said = '';
  serving.all.on('data', (data) => {
    said += data;
  });
  const start = 'from buildbot_worker.scripts.runner import run; run()';
  const worker = execa(interpreter, ['-c', start, 'start', '--nodaemon', directory], options);
  t.after(() => {
    serving.kill('SIGKILL');
    worker.kill('SIGKILL');
  });
  const patience = { timeout: 60_000, every: 100 };
  await waitUntil('the worker to come', async () => said.includes('attached'), patience);
  worker.kill('SIGHUP');
  await waitUntil('it to ask', async () => said.includes('asked'), patience);
  assert.equal(worker.exitCode, null, 'it waits for the master');
  serving.kill('SIGKILL');
  const { exitCode } = await worker;
  const log = await readFile(join(directory, 'twistd.log'), 'utf8');
  assert.equal(exitCode, 0, log);
});
