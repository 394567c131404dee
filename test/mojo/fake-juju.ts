/**
 * What stands in for `juju` in verify's own tests: answers from a file, `{status, units, actions, requests}`. The rig's
 * command, and a real controller, are for the cases of test/deploy.
 */
import { readFileSync } from 'node:fs';
import * as z from 'zod';

const answersSchema = z.object({
  status: z.unknown(),
  /** By unit: what on_unit.py prints there, or the sentence that it fails with. */
  units: z.record(z.string(), z.union([z.string(), z.looseObject({})])),
  /** By name. */
  actions: z.record(z.string(), z.looseObject({})),
  /** Of the probe's request, one after the other. */
  requests: z.array(z.unknown()),
});
export type Answers = z.infer<typeof answersSchema>;

const [file = '', command = '', ...words] = process.argv.slice(2);
const answers = answersSchema.parse(JSON.parse(readFileSync(file, 'utf8')));

function after(option: string): string {
  return words[words.indexOf(option) + 1] ?? '';
}

function answer(): unknown {
  if (command === 'status') return answers.status;
  if (command === 'run') {
    const [unit = '', name = ''] = words.filter((word) => !word.startsWith('--') && word !== 'json');
    return { [unit]: answers.actions[name] };
  }
  const unit = after('--unit');
  const said = words.at(-1) ?? '';
  const task = (stdout: string, stderr = ''): unknown => ({
    [unit]: { status: 'completed', results: { 'return-code': stderr === '' ? 0 : 1, stdout, stderr } },
  });
  if (said.includes(' request ')) return task(JSON.stringify({ request: answers.requests[0] ?? null }));
  const facts = answers.units[unit];
  return typeof facts === 'string' ? task('', facts) : task(JSON.stringify(facts));
}

process.stdout.write(JSON.stringify(answer()));
