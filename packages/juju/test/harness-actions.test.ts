/** Actions, and how a charm's process ends, through dispatch. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import * as juju from '../src/index.ts';
import { Context, event, readCharmcraft } from '../testing/index.ts';

const charmcraft = readCharmcraft(join(import.meta.dirname, 'fixtures', 'harness.yaml'));

function withBackup(backup: juju.Action): Context {
  return new Context(
    { hook: async () => assert.fail('an action is no hook'), actions: { backup } },
    charmcraft,
  );
}

const backup = event.action('backup', { name: 'nightly' });

test('an action is given its parameters with their defaults, and gives results', async () => {
  const { action, end } = await withBackup(async ({ run }, parameters) => {
    await juju.actionLog(run, '--half way');
    return {
      kind: 'done',
      results: { parameters: JSON.stringify(parameters), file: { size: 5, whole: true } },
    };
  }).run(backup);
  assert.deepEqual(end, { kind: 'applied' });
  assert.deepEqual(action, {
    status: 'completed',
    message: '',
    results: { parameters: '{"keep":3,"name":"nightly"}', file: { size: '5', whole: 'true' } },
    log: ['--half way'],
  });
});

test('an action that fails says why, and keeps its results and what it wrote', async () => {
  const { action, end, state } = await withBackup(async ({ run }) => {
    await juju.stateSet(run, { tried: 'yes' });
    return { kind: 'failed', message: '-- no space left', results: { free: '0' } };
  }).run(backup);
  assert.deepEqual(end, { kind: 'applied' });
  assert.deepEqual(action, {
    status: 'failed',
    message: '-- no space left',
    results: { free: '0' },
    log: [],
  });
  assert.deepEqual(state.stored, { tried: 'yes' });
});

test('an error that nothing caught is in the log and on stderr, and drops what was written', async () => {
  const { action, end, state, log, stderr } = await withBackup(async ({ run }) => {
    await juju.stateSet(run, { tried: 'yes' });
    await juju.actionSet(run, { partial: 'result' });
    throw new Error('boom');
  }).run(backup);
  assert.deepEqual(end, { kind: 'failed', code: 1 });
  assert.deepEqual(action, {
    status: 'failed',
    message: 'exit status 1',
    results: { partial: 'result' },
    log: [],
  });
  assert.deepEqual(state.stored, {});
  assert.equal(stderr, "boom (details in the unit's log)\n");
  assert.match(log[0]?.message ?? '', /^action backup failed: Error: boom\n {4}at /);
});

test('an action that the charm declares and does not have is failed by name', async () => {
  const { end, stderr } = await withBackup(async () => ({ kind: 'done' })).run(event.action('forgotten'));
  assert.deepEqual(end, { kind: 'failed', code: 1 });
  assert.equal(stderr, "this charm has no action forgotten (details in the unit's log)\n");
});

test('results with a key that Juju does not take are an error before any is set', async () => {
  for (const key of ['Upper', 'under_score', 'stdout', 'a b', 'dot.', '-x', '']) {
    const { end, action, stderr } = await withBackup(async () => ({
      kind: 'done',
      results: { fine: 'x', [key]: 'y' },
    })).run(backup);
    assert.deepEqual([end.kind, action.results], ['failed', {}], key);
    assert.match(stderr, /^action-set: .* is not a key of an action's results/);
  }
});

test('when even the log fails, stderr has it all', async () => {
  let text = '';
  const code = await juju.dispatch(
    { hook: async () => Promise.reject(new Error('first')) },
    {
      env: {
        JUJU_DISPATCH_PATH: 'hooks/start',
        JUJU_UNIT_NAME: 'site/0',
        JUJU_MODEL_NAME: 'm',
        JUJU_MODEL_UUID: 'u',
        JUJU_CHARM_DIR: '/charm',
        JUJU_VERSION: '3.6.1',
      },
      run: async () => Promise.reject(new Error('second')),
      stderr: (more) => {
        text += more;
      },
    },
  );
  assert.equal(code, 1);
  assert.match(text, /^hook start failed: Error: first\n[\s\S]*\njuju-log failed: Error: second\n/);
});

test('outside of Juju a charm says so and calls nothing', async () => {
  let text = '';
  const code = await juju.dispatch(
    { hook: async () => assert.fail('there is no hook') },
    {
      env: {},
      run: async () => assert.fail('there are no tools'),
      stderr: (more) => {
        text += more;
      },
    },
  );
  assert.equal(code, 1);
  assert.match(text, /^not started by Juju: JUJU_UNIT_NAME is not set; .*\n$/);
});
