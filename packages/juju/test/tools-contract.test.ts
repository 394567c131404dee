/** The functions against a real Juju's recorded answers: the very calls that they make, and what they make of the answer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import type { Runner, ToolCall } from '../src/runner.ts';
import { type Recording, readRecording } from './recording.ts';
import { toolCases } from './tool-cases.ts';

for (const { hook, call, does, gives } of toolCases) {
  test(`${hook}, ${call}`, async () => {
    assert.deepEqual(await does(recorded(readRecording(hook), call)), gives);
  });
}

/** Answers this one call as Juju did. */
function recorded({ calls }: Recording, name: string): Runner {
  const answer = calls.find((one) => one.case === name);
  if (answer === undefined) assert.fail(`no call "${name}" in the recording`);
  return async (call: ToolCall) => {
    assert.equal(call.tool, answer.tool);
    assert.deepEqual(words(call.args, answer.code), words(answer.args, answer.code));
    if (call.stdin !== undefined) assert.deepEqual(parse(call.stdin), texts(parse(answer.stdin ?? '')));
    return answer;
  };
}

/** The order of options, and where they end, means nothing; nor does the form of an answer that is not given. */
function words(args: readonly string[], code: number): readonly string[] {
  const meant = args.filter((word) => word !== '--');
  return meant.filter((word) => code === 0 || (word !== '--format' && word !== 'json')).sort();
}

/** Juju takes what looks like a number in YAML for text. */
function texts(mapping: object): unknown {
  return Object.fromEntries(Object.entries(mapping).map(([key, value]) => [key, String(value)]));
}
