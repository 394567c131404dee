/**
 * Hooks of a real Juju 4.0.14, recorded with probe charms call by call, and how to play one again: on the fake, or on anything else
 * that serves hook tools. What differs from run to run (IDs of new secrets, times, the names of files) is not compared.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import * as z from 'zod';
import type { Runner, ToolOutput } from '../src/runner.ts';

const callSchema = z.object({
  case: z.string(),
  tool: z.string(),
  args: z.array(z.string()),
  stdin: z.string().optional(),
  code: z.number(),
  stdout: z.string(),
  stderr: z.string(),
});
type RecordedCall = Readonly<z.infer<typeof callSchema>>;

const headSchema = z.object({
  about: z.string(),
  unit: z.string(),
  event: z.string(),
  code: z.literal(0),
  /** Why Juju failed the hook although it had ended with 0. */
  rejected: z.string().optional(),
});

export interface Recording {
  readonly head: Readonly<z.infer<typeof headSchema>>;
  readonly calls: readonly RecordedCall[];
}

export function readRecording(name: string): Recording {
  const path = join(import.meta.dirname, 'fixtures', 'hooks', `${name}.jsonl`);
  const [head, ...calls] = readFileSync(path, 'utf8').trimEnd().split('\n');
  return {
    head: headSchema.parse(JSON.parse(head ?? '')),
    calls: calls.map((line) => callSchema.parse(JSON.parse(line))),
  };
}

export interface Difference {
  readonly call: string;
  readonly recorded: ToolOutput;
  readonly now: ToolOutput;
}

/** The files that the probe charms handed over. */
const files: Readonly<Record<string, string>> = {
  '/tmp/probe.key': '-----BEGIN-----\nline\n-----END-----\n',
  '/tmp/probe.yaml': 'g: from a file\n',
};
const secretFile = 'user: admin\npassword: s3cr3t\n';

/** Every call in order, with what came out other than on the day of the recording. */
export async function replay({ calls }: Recording, run: Runner): Promise<readonly Difference[]> {
  const directory = mkdtempSync(join(tmpdir(), 'juju-replay-'));
  /** IDs of secrets made meanwhile: as recorded, and as they are now. */
  const ids = new Map<string, string>();
  const differences: Difference[] = [];
  try {
    for (const call of calls) {
      const there = (text: string): string => withFiles(swapped(text, [...ids]), call.tool, directory);
      const stdin = call.stdin === undefined ? {} : { stdin: call.stdin };
      const output = await run({ tool: call.tool, args: call.args.map(there), ...stdin });
      if (call.tool === 'secret-add' && call.code === 0 && output.code === 0) {
        ids.set(call.stdout.trim().slice(-20), output.stdout.trim().slice(-20));
      }
      const back = [...ids].map(([recorded, now]): [string, string] => [now, recorded]);
      const now = comparable(call.tool, {
        ...output,
        stdout: swapped(output.stdout, back),
        stderr: swapped(output.stderr, back),
      });
      const recorded = comparable(call.tool, call);
      const same =
        now.code === recorded.code && now.stdout === recorded.stdout && now.stderr === recorded.stderr;
      if (!same)
        differences.push({ call: `${call.case}: ${call.tool} ${JSON.stringify(call.args)}`, recorded, now });
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
  return differences;
}

function swapped(text: string, pairs: readonly (readonly [string, string])[]): string {
  return pairs.reduce((result, [from, to]) => result.replaceAll(from, to), text);
}

function withFiles(text: string, tool: string, directory: string): string {
  return Object.entries(files).reduce((result, [path, content]) => {
    if (!result.includes(path)) return result;
    const copy = join(directory, basename(path));
    writeFileSync(copy, tool === 'secret-add' && path.endsWith('.yaml') ? secretFile : content);
    return result.replaceAll(path, copy);
  }, text);
}

function comparable(tool: string, { code, stdout, stderr }: ToolOutput): ToolOutput {
  // Juju lists secrets in no order.
  const listed =
    tool === 'secret-ids' ? [...stdout.matchAll(/[0-9a-v]{20}/g)].map(String).sort().join(' ') : undefined;
  return {
    code,
    stdout: listed ?? stdout.replace(/"?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?Z"?/g, 'TIME'),
    stderr: stderr
      .replace(/\d+\.\d+\.\d+\.\d+:17070/, 'CONTROLLER')
      // Where a parser of YAML stumbles is its own affair.
      .replace(/^(ERROR yaml: )(?!unmarshal)[\s\S]*$/, '$1NOT YAML\n'),
  };
}
