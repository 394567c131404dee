/** Looking again, looking without touching, and new passwords for workers. */
import { type ActionOutcome, type ActionParameters, configGet, type Juju, secretGet } from '@lpbuildbot/juju';
import * as z from 'zod';
import { reconcile } from '../charm.ts';
import { type Candidate, judge, splitText } from '../inputs/candidate.ts';
import { readAccepted, readMemory } from '../inputs/memory.ts';
import { keysOf, readSecrets } from '../inputs/secrets.ts';
import { readSettings } from '../inputs/settings.ts';
import { proxyOf } from '../inputs.ts';
import type { Machine } from '../machine/machine.ts';
import { messages } from '../messages.ts';
import { places } from '../places.ts';

export async function reconfigure(juju: Juju, machine: Machine): Promise<ActionOutcome> {
  const { status, message } = await reconcile(juju, machine);
  const accepted = readAccepted(await machine.files.read(places.acceptedFile));
  const results = {
    status,
    message,
    ...(accepted?.revision === undefined ? {} : { revision: accepted.revision }),
  };
  return status === 'blocked' ? { kind: 'failed', message, results } : { kind: 'done', results };
}

const rotateSchema = z.object({ unit: z.string().default('') });

export async function rotateWorkerPasswords(
  juju: Juju,
  machine: Machine,
  parameters: ActionParameters,
): Promise<ActionOutcome> {
  const { unit } = rotateSchema.parse(parameters);
  const { credentials } = readMemory(await machine.files.read(places.memoryFile));
  const meant = credentials.filter((each) => unit === '' || each.unit === unit);
  const [first] = meant;
  if (first === undefined) return { kind: 'failed', message: messages.noSuchWorker(unit) };
  await reconcile(juju, machine, { rotate: unit === '' ? 'all' : first.unit });
  return { kind: 'done', results: { result: messages.rotated(meant.length) } };
}

const checkSchema = z.object({ branch: z.string().default(''), pipelines: z.string().default('') });

export async function checkConfig(
  juju: Juju,
  machine: Machine,
  parameters: ActionParameters,
): Promise<ActionOutcome> {
  const { branch, pipelines } = checkSchema.parse(parameters);
  if (branch !== '' && pipelines !== '') return { kind: 'failed', message: messages.oneSource };
  const candidate = pipelines === '' ? await configured(juju, machine, branch) : await judgeText(pipelines);
  if (typeof candidate === 'string') return { kind: 'failed', message: candidate };
  switch (candidate.kind) {
    case 'accepted':
      return { kind: 'done', results: { result: messages.configSame } };
    case 'new': {
      const { projects, builders } = candidate.value.facts;
      return { kind: 'done', results: { result: messages.configGood(projects, builders) } };
    }
    case 'refused':
      return { kind: 'failed', message: candidate.complaint, results: { mistakes: candidate.report } };
    case 'unreadable':
      return { kind: 'failed', message: messages.repositoryUnreadable(candidate.reason) };
    case 'none':
      return { kind: 'failed', message: messages.noPipelines };
    case 'both':
      return { kind: 'failed', message: messages.twoSources };
  }
}

async function judgeText(text: string): Promise<Candidate> {
  return await judge('pipelines', undefined, splitText(text), undefined);
}

/** A sentence when there is nothing to look at. */
async function configured(
  { run, context }: Juju,
  machine: Machine,
  branch: string,
): Promise<Candidate | string> {
  const settings = readSettings(await configGet(run));
  if (settings.kind === 'wrong') return settings.problems.join('; ');
  const { source, secrets } = settings.value;
  if (source.kind === 'inline' && branch === '') return await judgeText(source.text);
  if (source.kind === 'none' || source.kind === 'both') return { kind: source.kind };
  if (source.kind !== 'repository') return messages.noRepository;
  const reading = secrets === undefined ? undefined : await secretGet(run, { uri: secrets }, 'latest');
  const content = reading?.kind === 'secret' ? readSecrets(reading.content) : undefined;
  const access = { proxy: proxyOf(context), ...(content?.kind === 'secrets' ? keysOf(content.value) : {}) };
  const asked = { ...source, branch: branch === '' ? source.branch : branch };
  const fetched = await machine.git.fetch(asked, undefined, access);
  if (fetched.kind === 'failed') return { kind: 'unreadable', reason: fetched.reason };
  if (fetched.kind === 'same') return { kind: 'accepted' };
  return await judge(asked.repository, fetched.revision, fetched.files, undefined);
}
