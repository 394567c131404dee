/** What an operator does with branches: all of it is the promotion service's own command, run as its own user. */
import type { ActionOutcome, ActionParameters, Juju } from '@lpbuildbot/juju';
import * as z from 'zod';
import { answered } from '../apply/progress.ts';
import type { Machine } from '../machine/machine.ts';
import { messages } from '../messages.ts';
import { PROMOTION_PORT, places } from '../places.ts';

const text = z.string().default('');
/** Never an option of the command. */
const word = text.refine((value) => !value.startsWith('-'), messages.dash);
const pairSchema = z.object({ branch: word, from: word, project: word, why: text, who: text });

async function command(machine: Machine, args: readonly string[]): Promise<ActionOutcome> {
  if ((await machine.files.read(places.promotionConfig)) === undefined) {
    return { kind: 'failed', message: messages.notConfigured };
  }
  const { code, output } = await machine.promotion.run(args);
  const said = output.trim();
  return code === 0
    ? { kind: 'done', results: { result: said } }
    : { kind: 'failed', message: said, results: { result: said } };
}

type Words = z.infer<typeof pairSchema>;

/** What people give wrong is told in words, and is no failure of the charm. */
async function withWords(
  parameters: ActionParameters,
  act: (words: Words) => Promise<ActionOutcome>,
): Promise<ActionOutcome> {
  const asked = pairSchema.safeParse(parameters);
  if (asked.success) return await act(asked.data);
  const [issue] = asked.error.issues;
  return { kind: 'failed', message: `${issue?.path.join('.')}: ${issue?.message}` };
}

const given = (name: string, value: string): string[] => (value === '' ? [] : [`--${name}=${value}`]);

function changing(verb: 'hold' | 'resume') {
  return async (_juju: Juju, machine: Machine, parameters: ActionParameters): Promise<ActionOutcome> => {
    return await withWords(
      parameters,
      async ({ branch, from, project, why, who }) =>
        await command(machine, [
          verb,
          ...given('project', project),
          ...given('why', why),
          ...given('who', who),
          '--',
          ...(from === '' ? [branch] : [from, branch]),
        ]),
    );
  };
}

export const hold = changing('hold');
export const resume = changing('resume');

export async function explain(
  _juju: Juju,
  machine: Machine,
  parameters: ActionParameters,
): Promise<ActionOutcome> {
  return await withWords(
    parameters,
    async ({ branch, project }) =>
      await command(machine, ['explain', ...given('project', project), '--', branch]),
  );
}

export async function showPromotions(
  _juju: Juju,
  machine: Machine,
  parameters: ActionParameters,
): Promise<ActionOutcome> {
  const { format } = z.object({ format: z.enum(['text', 'json']).default('text') }).parse(parameters);
  return await command(machine, format === 'json' ? ['status', '--json'] : ['status']);
}

export async function checkPush(_juju: Juju, machine: Machine): Promise<ActionOutcome> {
  return await command(machine, ['check-push']);
}

export async function promoteNow(
  _juju: Juju,
  machine: Machine,
  parameters: ActionParameters,
): Promise<ActionOutcome> {
  return await withWords(parameters, async (words) => await promote(machine, words));
}

const outcomeSchema = z.object({ ok: z.boolean(), text: z.string() });
/** A merge may have to fetch first. */
const PATIENCE_SECONDS = 900;

async function promote(machine: Machine, { branch, from, project, why, who }: Words): Promise<ActionOutcome> {
  if (branch === '' && from !== '') return { kind: 'failed', message: messages.branchMissing };
  const url = `http://127.0.0.1:${PROMOTION_PORT}/`;
  if ((await answered(machine, `${url}healthz`, z.unknown())) === undefined) {
    return { kind: 'failed', message: messages.promotionIsOff };
  }
  const token = (await machine.files.read(`${places.promotionState}/token`)) ?? '';
  const post = async (path: string, body: object) =>
    await machine.http.ask({
      url: `${url}${path}`,
      method: 'POST',
      headers: { authorization: `Bearer ${token.trim()}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      patienceSeconds: PATIENCE_SECONDS,
    });
  if (branch === '') {
    await post('api/look', {});
    return await command(machine, ['status']);
  }
  const words = { branch, ...(from === '' ? {} : { from }), ...(project === '' ? {} : { project }) };
  const answer = await post('api/promote', { ...words, who, why });
  const { data } = outcomeSchema.safeParse(JSON.parse(answer?.text ?? '{}'));
  if (data?.ok === true) return { kind: 'done', results: { result: data.text } };
  return { kind: 'failed', message: data?.text ?? messages.promotionRefused(answer?.text) };
}
