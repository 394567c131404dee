/** Forcing a build through Buildbot's own forms, logged in as the admin; the reason says that it was an action. */
import { type ActionOutcome, type ActionParameters, type Juju, unitNameSchema } from '@lpbuildbot/juju';
import * as z from 'zod';
import { answered } from '../apply/progress.ts';
import { readPeople, readWanted } from '../inputs/memory.ts';
import type { Machine } from '../machine/machine.ts';
import { messages } from '../messages.ts';
import { places } from '../places.ts';
import { workerName } from '../plan/credentials.ts';

const schema = z.object({
  builder: z.string(),
  reason: z.string().trim().min(1, 'give a reason'),
  revision: z
    .string()
    .regex(/^([0-9a-f]{40})?$/, 'give the full id of a commit, or none')
    .default(''),
  worker: z.string().default(''),
});
const formsSchema = z.object({
  forceschedulers: z.array(z.object({ name: z.string(), builder_names: z.array(z.string()) })),
});
const buildersSchema = z.object({ builders: z.array(z.object({ builderid: z.number(), name: z.string() })) });
const workersSchema = z.object({ workers: z.array(z.object({ name: z.string() })) });
/** The build set and, for each builder, the request. */
const answerSchema = z.object({ result: z.tuple([z.number(), z.record(z.string(), z.number())]) });

export async function forceBuild(
  _juju: Juju,
  machine: Machine,
  parameters: ActionParameters,
): Promise<ActionOutcome> {
  const asked = schema.safeParse(parameters);
  if (!asked.success) return { kind: 'failed', message: asked.error.issues[0]?.message ?? '' };
  const { builder, reason, revision, worker } = asked.data;
  const people = readPeople(await machine.files.read(places.people));
  const site = readWanted(await machine.files.read(places.wantedFile))?.site;
  if (people === undefined || site === undefined) return { kind: 'failed', message: messages.notConfigured };

  const base = `http://127.0.0.1:${site.web.port}/`;
  const forms = await answered(machine, `${base}api/v2/forceschedulers`, formsSchema);
  const builders = await answered(
    machine,
    `${base}api/v2/builders?field=builderid&field=name`,
    buildersSchema,
  );
  if (forms === undefined || builders === undefined)
    return { kind: 'failed', message: messages.buildbotSilent };
  const form = forms.forceschedulers.find(({ builder_names }) => builder_names.includes(builder));
  const id = builders.builders.find(({ name }) => name === builder)?.builderid;
  if (form === undefined || id === undefined) {
    const known = forms.forceschedulers.flatMap(({ builder_names }) => builder_names);
    const ours = [...new Set(known)].filter((name) => !name.startsWith('__')).toSorted();
    return { kind: 'failed', message: messages.noBuilder(builder, ours) };
  }
  const chosen = worker === '' ? undefined : await workerOf(machine, base, id, worker);
  if (chosen?.kind === 'unknown')
    return { kind: 'failed', message: messages.notItsWorker(worker, chosen.known) };

  const basic = Buffer.from(`admin:${people.admin.password}`).toString('base64');
  const session = await machine.http.ask({
    url: `${base}auth/login`,
    headers: { authorization: `Basic ${basic}` },
  });
  const answer = await machine.http.ask({
    url: `${base}api/v2/forceschedulers/${encodeURIComponent(form.name)}`,
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie: (session?.cookies ?? []).join('; ') },
    body: JSON.stringify({
      id: 1,
      jsonrpc: '2.0',
      method: 'force',
      params: {
        builderid: id,
        reason,
        revision,
        ...(chosen === undefined ? {} : { workername: chosen.name }),
      },
    }),
  });
  if (answer === undefined) return { kind: 'failed', message: messages.buildbotSilent };
  if (answer.status !== 200) {
    return { kind: 'failed', message: messages.forceRefused(answer.status, answer.text) };
  }
  const { data } = answerSchema.safeParse(JSON.parse(answer.text));
  const request = data?.result[1][String(id)];
  return {
    kind: 'done',
    results: {
      builder,
      ...(request === undefined ? {} : { request, url: `${site.url}#/buildrequests/${request}` }),
    },
  };
}

/** Buildbot would wait for a worker that does not exist for as long as it takes. Units' names are taken, and Buildbot's. */
async function workerOf(
  machine: Machine,
  base: string,
  builder: number,
  wanted: string,
): Promise<
  { readonly kind: 'known'; readonly name: string } | { readonly kind: 'unknown'; readonly known: string[] }
> {
  const url = `${base}api/v2/builders/${builder}/workers?field=name`;
  const known = ((await answered(machine, url, workersSchema))?.workers ?? []).map(({ name }) => name);
  const unit = unitNameSchema.safeParse(wanted);
  const name = unit.success ? workerName(unit.data) : wanted;
  return known.includes(name) ? { kind: 'known', name } : { kind: 'unknown', known: known.toSorted() };
}
