/**
 * What is to be done with what was seen. Pure: no I/O, no clock; the place for rules. The order of things is in `apply.ts`; the parts
 * that need what an earlier one gave (a password's secret, Buildbot's verdict) are functions of it.
 */
import type { Status } from '@lpbuildbot/juju';
import type { Accepted, Wanted } from './inputs/memory.ts';
import type { Secrets } from './inputs/secrets.ts';
import type { Settings } from './inputs/settings.ts';
import type { Inputs } from './inputs.ts';
import { messages } from './messages.ts';
import { siteOf } from './plan/buildbot.ts';
import { sshAddresses } from './plan/files.ts';
import { standByStatus } from './plan/status.ts';

export type Plan =
  /** Nothing runs here, or nothing may. */
  { readonly kind: 'stand-by'; readonly status: Status } | { readonly kind: 'remove' } | Serve;

export interface Serve {
  readonly kind: 'serve';
  /** `kept`: they are wrong, and the site stays as it is. */
  readonly settings: Settings | 'kept';
  readonly secrets: Secrets | 'kept';
  /** undefined until there have been settings that are right, and an address. */
  readonly site: Wanted['site'] | undefined;
  /** What Buildbot is offered, the first that it takes counts. */
  readonly attempts: readonly Accepted[];
  readonly complaints: readonly string[];
}

export function plan(inputs: Inputs): Plan {
  const { event, unit, serving, storage } = inputs;
  if (event.kind === 'hook' && event.hook === 'remove') return { kind: 'remove' };
  if (event.kind === 'hook' && event.hook === 'stop') {
    return { kind: 'stand-by', status: { status: 'maintenance', message: messages.stopped } };
  }
  if (storage === 'absent') {
    return event.kind === 'storage-detaching'
      ? { kind: 'stand-by', status: { status: 'maintenance', message: messages.storageLeaves } }
      : { kind: 'stand-by', status: { status: 'blocked', message: messages.noStorage(unit) } };
  }
  if (serving !== unit) return { kind: 'stand-by', status: standByStatus(unit, serving) };
  return planToServe(inputs);
}

function planToServe(inputs: Inputs): Serve {
  const { settings, secrets, candidate, accepted, address, wanted } = inputs;
  const old = accepted === undefined ? [] : [accepted];
  const site =
    settings.kind === 'settings' && address !== undefined ? siteOf(settings.value, address) : wanted?.site;
  const attempts = candidate.kind === 'new' ? [candidate.value, ...old] : old;
  return {
    kind: 'serve',
    settings: settings.kind === 'settings' ? settings.value : 'kept',
    secrets: secrets.kind === 'secrets' ? secrets.value : 'kept',
    site,
    attempts,
    complaints: [
      ...inputs.full.map((path) => messages.spaceShort(path)),
      ...(settings.kind === 'wrong' ? settings.problems : []),
      ...secretComplaints(inputs),
      ...candidateComplaints(inputs),
      ...keyComplaints(inputs, attempts[0]),
      ...newsComplaints(inputs, attempts[0]),
    ],
  };
}

function secretComplaints({ secrets, application }: Inputs): readonly string[] {
  switch (secrets.kind) {
    case 'secrets':
      return [];
    case 'wrong':
      return secrets.problems;
    case 'denied':
      return [messages.secretDenied(application)];
    case 'not-found':
      return [messages.secretMissing];
  }
}

function candidateComplaints({ candidate }: Inputs): readonly string[] {
  switch (candidate.kind) {
    case 'accepted':
    case 'new':
      return [];
    case 'refused':
      return [candidate.complaint];
    case 'unreadable':
      return [messages.repositoryUnreadable(candidate.reason)];
    case 'none':
      return [messages.noPipelines];
    case 'both':
      return [messages.twoSources];
  }
}

/** Without its key the service would only report a branch that it cannot reach, and nobody would know why. */
function keyComplaints({ secrets, settings }: Inputs, pipelines: Accepted | undefined): readonly string[] {
  if (secrets.kind !== 'secrets' || settings.kind !== 'settings' || pipelines === undefined) return [];
  const { reads, pushes } = sshAddresses(pipelines);
  // In shadow mode nothing is pushed, and the service looks where everybody may read.
  const [first] = [...(settings.value.promotion === 'active' ? pushes : []), ...reads];
  if (first === undefined) return [];
  if (secrets.value.sshKey === undefined) return [messages.sshKeyMissing(first)];
  return secrets.value.knownHosts === undefined ? [messages.knownHostsMissing(first)] : [];
}

/** Without it nobody would hear anything, and nobody would know. In shadow mode nobody is to hear anything. */
function newsComplaints({ secrets, settings }: Inputs, pipelines: Accepted | undefined): readonly string[] {
  if (secrets.kind !== 'secrets' || settings.kind !== 'settings' || pipelines === undefined) return [];
  if (settings.value.promotion !== 'active') return [];
  const [chat] = secrets.value.mattermostWebhook === undefined ? pipelines.facts.chats : [];
  const [mail] = settings.value.mail === undefined ? pipelines.facts.mails : [];
  return [
    ...(chat === undefined ? [] : [messages.webhookMissing(chat)]),
    ...(mail === undefined ? [] : [messages.mailMissing(mail)]),
  ];
}
