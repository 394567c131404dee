/**
 * The fake Buildbot is told a story, the real one is told the same, and both must give the same answers: to every kind of
 * question that promotion asks, to mistaken questions, and on the event stream.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { ensureVenv } from '@lpbuildbot/buildbot';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { FakeBuildbot } from './fake-buildbot.ts';
import { GitWorld } from './git-world.ts';
import { RealBuildbot } from './real-buildbot.ts';
import { waitUntil } from './wait.ts';

const questions = [
  'builders',
  'builders?field=builderid&field=name',
  'builders/1',
  'builders/unit',
  'builders/nobody',
  'builders/9',
  'builds',
  'builds?order=-buildid&limit=2&property=got_revision&property=revision',
  'builds?order=-buildid&limit=2&offset=1',
  'builds?order=-results&order=buildid',
  'builds?buildid__ge=2&order=buildid&limit=200&property=got_revision',
  'builds?buildid__gt=2',
  'builds?buildid__lt=3',
  'builds?buildid__le=3&builderid=1',
  'builds?builderid=2',
  'builds?complete=false',
  'builds?complete=true&results=0',
  'builds?results__ne=0',
  'builds?results__gt=0',
  'builds?buildid=1&buildid=3',
  'builds?buildrequestid=2',
  'builds?field=buildid&field=results&order=buildid',
  'builds?limit=0',
  'builds?buildid__like=2',
  'builds/2',
  'builds/2?property=got_revision',
  'builds/3?field=number',
  'builds/2/properties',
  'builds/99',
  'builds/99/properties',
  'buildrequests',
  'buildrequests?complete=false',
  'buildrequests?complete=false&claimed=false',
  'buildrequests?order=-buildrequestid&limit=1',
  'buildrequests/3',
  'buildrequests/5',
  'buildrequests/99',
  'buildsets/1',
  'buildsets/3',
  'buildsets/5',
  'buildsets/99',
  'workers',
  'workers?field=name&field=connected_to&field=configured_on&field=paused&field=graceful',
  'workers?paused=false',
  'workers/1',
  'workers/local',
  'workers/nobody',
  'builds?complete=perhaps',
  'builds?buildid__ge=one',
  'builds?color=red',
  'builds?field=color',
  'builds?order=color',
  'builds?field=number&order=buildid',
  'builds?field=number&results=0',
  'builds?limit=many',
  'builds/2?results=0',
  'builds/two',
  'builds/',
  'nothing',
  'builds/2/nothing',
];

const commands = [
  { cmd: 'ping', _id: 1 },
  { cmd: 'ping', _id: 'two' },
  { cmd: 'startConsuming', path: 'builds/*/finished', _id: 3 },
  { cmd: 'startConsuming', path: 'builds/*/finished', _id: 4 },
  { cmd: 'startConsuming', path: 7, _id: 5 },
  { cmd: 'stopConsuming', path: 'nothing', _id: 6 },
  { cmd: 'stopConsuming', path: 'builds/*/finished', _id: 7 },
  { cmd: 'dance', _id: 8 },
  { cmd: 'ping' },
  { path: 'builds/*/new', _id: 9 },
];

const consumed = [
  'builds/*/new',
  'builds/*/finished',
  'builders/*/builds/*/finished',
  'buildrequests/*/*',
  'buildsets/*/complete',
];

interface Answer {
  readonly question: string;
  readonly status: number;
  readonly body: unknown;
}

async function ask(url: string): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (const question of questions) {
    // A connection that was kept open would not survive a restart of the master.
    const response = await fetch(`${url}api/v2/${question}`, { headers: { connection: 'close' } });
    const text = await response.text();
    answers.push({ question, status: response.status, body: comparable(JSON.parse(text)) });
  }
  return answers;
}

const properties = z.record(z.string(), z.tuple([z.unknown(), z.string()]));

/** What differs between one run and the next is replaced, and so are words that are only for people. */
function comparable(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => comparable(item, key));
  if (typeof value === 'number' && value > 1_000_000_000) return 'a time';
  if (key === 'state_string' || key === 'reason' || key === 'external_idstring') return 'words';
  // Names the endpoint's Python patterns.
  if (typeof value === 'string') return value.replace(/^(not found while getting from endpoint).*/, '$1');
  if (value === null || typeof value !== 'object') return value;
  if (key === 'workerinfo') return Object.keys(value).toSorted();
  if (key === 'properties') {
    const common = ['branch', 'revision', 'got_revision', 'buildnumber', 'codebase', 'project', 'repository'];
    return Object.fromEntries(common.map((name) => [name, properties.parse(value)[name]]));
  }
  const entries = Object.entries(value).filter(([name]) => name !== 'patchid' && name !== 'ssid');
  return Object.fromEntries(entries.map(([name, inner]) => [name, comparable(inner, name)]));
}

/** Says every command and gives the answers; then listens. */
async function listen(
  url: string,
): Promise<{ readonly answers: unknown[]; readonly heard: string[]; close(): void }> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}ws`);
  const messages: unknown[] = [];
  const heard: string[] = [];
  socket.on('message', (data) => {
    const message: unknown = JSON.parse(data.toString());
    const event = z.object({ k: z.string(), m: z.unknown() }).safeParse(message).data;
    if (event === undefined) messages.push(message);
    else heard.push(`${event.k} ${JSON.stringify(comparable(event.m))}`);
  });
  await new Promise((resolve) => socket.once('open', resolve));
  for (const command of commands) socket.send(JSON.stringify(command));
  await waitUntil('the answers', () => messages.length === commands.length);
  for (const [index, path] of consumed.entries()) {
    socket.send(JSON.stringify({ cmd: 'startConsuming', path, _id: index }));
  }
  await waitUntil('the subscriptions', () => messages.length === commands.length + consumed.length);
  return { answers: messages, heard, close: () => socket.terminate() };
}

/** Events about different things may overtake each other. */
function sorted(events: readonly string[]): unknown {
  const keys = z.record(z.string(), z.unknown());
  return events
    .map((event) => [
      event.slice(0, event.indexOf(' ')),
      keys.parse(JSON.parse(event.slice(event.indexOf(' ')))),
    ])
    .toSorted((a, b) => String(a[0]).localeCompare(String(b[0])));
}

async function pythonWithBuildbot(): Promise<string> {
  const venv = await ensureVenv({
    python: process.env.LPBUILDBOT_PYTHON ?? 'python3',
    directory: join(import.meta.dirname, '../../.lpbuildbot/venv'),
  });
  if (venv.kind === 'failed') throw new Error(venv.reason);
  return venv.python;
}

test('the fake Buildbot and the real one tell the same', async () => {
  await using world = await GitWorld.create();
  const repository = await world.repository('launchpad');
  const [good, bad] = await repository.commits('master', [
    'Good',
    { message: 'Bad', files: { red: 'this fails\n' } },
  ]);
  assert.ok(good !== undefined && bad !== undefined);

  await using real = await RealBuildbot.start(await pythonWithBuildbot(), repository);
  const realStream = await listen(real.url);
  await real.ask(good);
  await real.finished(1);
  await real.ask(bad);
  await real.finished(2);
  await real.askPatched(good);
  await real.finished(3);
  await real.hold();
  await real.ask(good);
  await real.checkedOut(4);
  await real.ask(bad);
  await real.queued(1);

  await using fake = await FakeBuildbot.start();
  fake.model.addBuilder('unit');
  fake.model.addWorker('local', ['unit']);
  const fakeStream = await listen(fake.url);
  const source = { branch: 'master', repository: '', patched: false };
  fake.build({ builder: 'unit', revision: good }, 'success');
  fake.build({ builder: 'unit', revision: bad }, 'failure');
  fake.build({ builder: 'unit', revision: good, patched: true }, 'success');
  fake.startBuild({ builder: 'unit', revision: good });
  fake.model.request('unit', { ...source, revision: bad });

  assert.deepEqual(fakeStream.answers, realStream.answers);
  await waitUntil('as many events', () => fakeStream.heard.length === realStream.heard.length, {
    seen: () => [...fakeStream.heard, '--', ...realStream.heard].join('\n'),
  });
  assert.deepEqual(sorted(fakeStream.heard), sorted(realStream.heard));
  const [fromFake, fromReal] = await Promise.all([ask(fake.url), ask(real.url)]);
  for (const [index, answer] of fromReal.entries()) assert.deepEqual(fromFake[index], answer);

  realStream.close();
  fakeStream.close();
  await real.crash();
  await real.checkedOut(5);
  await fake.restart();
  const [fakeAfter, realAfter] = await Promise.all([ask(fake.url), ask(real.url)]);
  for (const [index, answer] of realAfter.entries()) assert.deepEqual(fakeAfter[index], answer);
});
