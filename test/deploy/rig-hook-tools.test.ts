/**
 * The hook tools on a machine of the rig against a real Juju: every recorded call made there, by the programs that a charm would run,
 * with its files and its standard input; the same answers, byte by byte, and the same exit codes.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import type { ToolCall, ToolOutput } from '@lpbuildbot/juju';
import { replay } from '@lpbuildbot/juju/test/recording';
import { scenes } from '@lpbuildbot/juju/test/scenes';
import { newState } from '@lpbuildbot/juju/testing';
import { beginHook, fakeRunner, finishHook, type Hook, toolNames } from '@lpbuildbot/juju/testing/hook-tools';
import { newSecretId } from '../rig/core/user-secrets.ts';
import { ensureRigImage } from '../rig/machine-image.ts';
import { RigMachine, type ToolMessage } from '../rig/rig-machine.ts';
import { machinePrefix } from './cases.ts';

const tools = '/var/lib/juju/tools/unit-contract-0';
const context = 'contract';

/** Files that the call names are written first; what it prints comes back whole, whatever bytes it ends with. */
const script = `
if [ -n "$FILE" ]; then mkdir -p "$(dirname "$FILE")"; printf %s "$CONTENT" | base64 -d > "$FILE"; fi
printf %s "$STDIN" | base64 -d > /tmp/stdin
"$0" "$@" < /tmp/stdin > /tmp/stdout 2> /tmp/stderr
code=$?
base64 -w0 /tmp/stdout; echo
base64 -w0 /tmp/stderr; echo
exit $code
`;

let machine: RigMachine;
/** The hook that the tools are called from. */
let hook: Hook | undefined;
const files = new Map<string, string>();
const lines = new Map<string, string[]>();
const waiting = new Map<string, (code: number) => void>();
let calls = 0;

before(async () => {
  const up = Promise.withResolvers<void>();
  machine = new RigMachine(`${machinePrefix}contract-${process.pid}-0`, {
    up: () => up.resolve(),
    down: () => {},
    line: (run, _stream, text) => lines.set(run, [...(lines.get(run) ?? []), text]),
    ended: (run, code) => waiting.get(run)?.(code),
    tool: (message) => void answer(message),
  });
  await machine.create(await ensureRigImage(console.error), undefined);
  await up.promise;
  const links = toolNames.map((name) => `ln -s /usr/local/lib/rig/hook_tool.py ${tools}/${name}`);
  await machine.machine.sh([`mkdir -p ${tools}`, ...links].join('\n'));
});

after(async () => {
  await machine?.destroy();
});

async function answer({ call, tool, args, stdin, files: named }: ToolMessage): Promise<void> {
  files.clear();
  for (const [path, content] of Object.entries(named)) {
    files.set(path, Buffer.from(content, 'base64').toString('utf8'));
  }
  assert.ok(hook !== undefined);
  machine.answer(call, await fakeRunner(hook)({ tool, args, stdin }));
}

async function onMachine({ tool, args, stdin = '' }: ToolCall): Promise<ToolOutput> {
  const run = String(calls++);
  const ended = new Promise<number>((resolve) => waiting.set(run, resolve));
  const [file = ''] = args.flatMap((word) => /\/[^=]*\/juju-replay-[^=]*$/.exec(word)?.[0] ?? []);
  machine.run({
    run,
    argv: ['/bin/bash', '-c', script, `${tools}/${tool}`, ...args],
    cwd: '/tmp',
    env: {
      PATH: '/usr/bin:/bin',
      LANG: 'C.UTF-8',
      JUJU_CONTEXT_ID: context,
      JUJU_AGENT_SOCKET_ADDRESS: '/var/lib/juju/agents/agent.socket',
      STDIN: Buffer.from(stdin).toString('base64'),
      FILE: file,
      CONTENT: file === '' ? '' : (await readFile(file).catch(() => Buffer.alloc(0))).toString('base64'),
    },
  });
  const code = await ended;
  const [stdout = '', stderr = ''] = (lines.get(run) ?? []).map((line) =>
    Buffer.from(line, 'base64').toString('utf8'),
  );
  return { code, stdout, stderr };
}

for (const { name, recording, charm, event, state } of scenes) {
  test(`${name}: ${recording.head.about}`, async () => {
    hook = beginHook(charm, newState(charm, state), event, {
      kill: () => assert.fail('the recorded hook was not killed'),
      readFile: (path) => files.get(path) ?? assert.fail(`${path} did not come along`),
      newSecretId,
    });
    assert.deepEqual(await replay(recording, onMachine), []);
    const { end } = finishHook(hook, recording.head.code);
    assert.equal(end.kind, recording.head.rejected === undefined ? 'applied' : 'rejected');
  });
}
