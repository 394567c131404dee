/**
 * What is to be done now, from what is and what is wished: pure. The order is that of doing. A step is only there when everything that it needs is there
 * already; after a step the machine is looked at again, and the next ones follow from that.
 */
import { createHash } from 'node:crypto';
import type { Facts } from './facts.ts';
import type { Deb, Inputs } from './inputs.ts';
import type { Login } from './master.ts';
import { carriedNode, packages, places } from './places.ts';
import { aptSourceFile, type WorkerSettings } from './settings.ts';

export type Step =
  | { readonly kind: 'claim'; readonly unit: string }
  /** Text, or nothing where there should be no such file. */
  | { readonly kind: 'configure-apt'; readonly source: string | undefined; readonly key: string | undefined }
  | {
      readonly kind: 'install';
      readonly packages: readonly string[];
      readonly deb: Deb | undefined;
      readonly lists: 'fetch' | 'keep';
      readonly lxd: 'with' | 'without';
    }
  | { readonly kind: 'install-snap' }
  | { readonly kind: 'set-up-lxd'; readonly size: string }
  | { readonly kind: 'join'; readonly login: Login; readonly digest: string }
  | { readonly kind: 'leave'; readonly wait: 'until builds are done' | 'no' }
  | {
      readonly kind: 'check-recipes';
      readonly text: string;
      readonly digest: string;
      readonly refusal: string;
    }
  | { readonly kind: 'remove-recipes' }
  | { readonly kind: 'set-refresh'; readonly text: string }
  | {
      readonly kind: 'make-images';
      readonly names: readonly string[];
      readonly digest: string;
      readonly force: boolean;
    }
  | { readonly kind: 'look-for-upgrade' }
  | { readonly kind: 'upgrade'; readonly to: string }
  | { readonly kind: 'purge' };

const HOUR = 3_600_000;
/** How old apt's lists may get, and how long after a failure images are tried again. */
const LISTS_AGE = 6 * HOUR;
const IMAGES_AGAIN = HOUR;

/** What a worker on Debian needs of LXD; the snap has all of it inside. */
const debianLxd = ['lxd', 'lxd-client', 'btrfs-progs', 'dnsmasq-base', 'iptables', 'nftables', 'uidmap'];

export function plan(inputs: Inputs): Step[] {
  const { phase, unit, settings, facts } = inputs;
  if (holderOf(inputs) !== undefined) return [];
  if (phase === 'removing') return [{ kind: 'purge' }];
  if (phase === 'leaving') {
    return facts.settingsWritten === undefined && facts.worker !== 'running'
      ? []
      : [{ kind: 'leave', wait: 'until builds are done' }];
  }
  return [
    ...(facts.memory.unit === unit ? [] : [{ kind: 'claim', unit } as const]),
    ...(settings.kind === 'good' ? installation(inputs, settings.settings) : []),
    ...membership(inputs),
    ...(settings.kind === 'good' && facts.helpers !== undefined ? upkeep(inputs, settings.settings) : []),
  ];
}

/** Another unit whose machine this is: a worker's directory is there once. */
export function holderOf({ unit, facts }: Inputs): string | undefined {
  return facts.holder === unit ? undefined : facts.holder;
}

/** Which system gets LXD how, where there is none. */
function lxdKind({ distribution }: Facts): 'snap' | 'package' {
  return distribution === 'ubuntu' ? 'snap' : 'package';
}

function installation({ facts, deb }: Inputs, settings: WorkerSettings): Step[] {
  const { source, key } = aptFiles(facts, settings);
  const steps: Step[] = [];
  if (source !== facts.aptSource || key !== facts.aptKey) steps.push({ kind: 'configure-apt', source, key });
  const isNewDeb = deb !== undefined && (facts.helpers === undefined || facts.memory.deb !== deb.mark);
  const isMissing = facts.helpers === undefined && settings.source.kind !== 'none';
  const lxd = facts.lxd.kind === 'absent' ? lxdKind(facts) : 'there';
  // One call of apt for all of it takes half the time of two.
  const isOldNode =
    deb !== undefined && carriedNode.isOurs(facts.node) && facts.memory.node !== carriedNode.version;
  if (isNewDeb || isMissing || isOldNode || (facts.helpers !== undefined && lxd === 'package')) {
    steps.push({
      kind: 'install',
      packages: [
        ...(isMissing && deb === undefined ? [packages.helpers] : []),
        'mmdebstrap',
        ...(lxd === 'package' ? debianLxd : []),
        ...(lxd === 'snap' && !facts.hasSnap ? ['snapd'] : []),
      ],
      deb: isNewDeb || isOldNode ? deb : undefined,
      lists: facts.memory.lists?.source === (source ?? '') ? 'keep' : 'fetch',
      lxd: lxd === 'package' ? 'with' : 'without',
    });
  }
  const isSnapWanted = facts.lxd.kind === 'absent' && lxdKind(facts) === 'snap';
  if (isSnapWanted && facts.helpers !== undefined) steps.push({ kind: 'install-snap' });
  if (facts.lxd.kind === 'there' && facts.lxd.setUp === 'bare') {
    steps.push({ kind: 'set-up-lxd', size: settings.storageSize });
  }
  return steps;
}

/** The texts of the files for apt; nothing where there should be none. */
function aptFiles(
  { codename }: Pick<Facts, 'codename'>,
  { source, key }: WorkerSettings,
): { readonly source: string | undefined; readonly key: string | undefined } {
  if (source.kind === 'none') return { source: undefined, key: undefined };
  const keyText = key === '' ? undefined : `${key}\n`;
  return {
    source: aptSourceFile(source, codename, keyText === undefined ? undefined : places.aptKey),
    key: keyText,
  };
}

/** Being the master's worker. It goes on with wrong settings too: they are no reason to stop what runs. */
function membership({ facts, master }: Inputs): Step[] {
  const { memory, settingsWritten, helpers, worker } = facts;
  if (helpers === undefined) return [];
  const isOurs = memory.joined !== undefined && settingsWritten !== undefined;
  if (memory.drained === true || master.kind === 'none') {
    return isOurs ? [{ kind: 'leave', wait: 'no' }] : [];
  }
  if (master.kind !== 'ready') return [];
  const digest = digestOf(JSON.stringify(master.login));
  const isJoined = memory.joined?.digest === digest && memory.joined.modified === settingsWritten;
  const runs = worker === 'running';
  return isJoined && runs ? [] : [{ kind: 'join', login: master.login, digest }];
}

/** What there is to do once the commands are there. */
function upkeep(inputs: Inputs, settings: WorkerSettings): Step[] {
  return [
    ...recipes(inputs.facts, settings),
    ...images(inputs.facts, settings),
    ...upgrade(inputs, settings),
  ];
}

function recipes(facts: Facts, { images, refresh }: WorkerSettings): Step[] {
  const steps: Step[] = [];
  if (images === '') {
    if (facts.recipes !== undefined) steps.push({ kind: 'remove-recipes' });
  } else {
    const digest = digestOf(images);
    // Another version of the commands may take what this one refuses.
    const refusal = digestOf(`${facts.helpers} ${images}`);
    const isAccepted = facts.recipes === images && facts.memory.recipes?.digest === digest;
    if (!isAccepted && facts.memory.refused?.digest !== refusal) {
      steps.push({ kind: 'check-recipes', text: images, digest, refusal });
    }
  }
  const text = refreshFile(refresh);
  if (text !== facts.refresh) steps.push({ kind: 'set-refresh', text });
  return steps;
}

function images(facts: Facts, settings: WorkerSettings): Step[] {
  const { memory, lxd, imagesRun, imagesResult, now } = facts;
  const accepted = memory.recipes;
  const isAccepted = accepted?.digest === digestOf(settings.images) && facts.recipes === settings.images;
  if (!isAccepted || accepted.names.length === 0) return [];
  if (lxd.kind !== 'there' || lxd.setUp !== 'whole' || imagesRun !== 'none') return [];
  const failed = new Set(imagesResult?.failures.map(({ image }) => image));
  const isMissing = accepted.names.some((name) => !lxd.images.includes(name) && !failed.has(name));
  const isNew = imagesResult?.digest !== accepted.digest;
  const isDueAgain = imagesResult !== undefined && failed.size > 0 && now - imagesResult.at >= IMAGES_AGAIN;
  if (!isNew && !isMissing && !isDueAgain) return [];
  return [{ kind: 'make-images', names: accepted.names, digest: accepted.digest, force: false }];
}

function upgrade({ facts, deb }: Inputs, settings: WorkerSettings): Step[] {
  if (deb !== undefined || settings.source.kind === 'none') return [];
  const { lists } = facts.memory;
  const { source } = aptFiles(facts, settings);
  const isFresh = lists !== undefined && lists.source === source && facts.now - lists.at < LISTS_AGE;
  // With new lists, what is to be upgraded shows at the next look.
  if (!isFresh) return [{ kind: 'look-for-upgrade' }];
  const to = pendingUpgrade(facts);
  return settings.upgrade === 'auto' && to !== undefined ? [{ kind: 'upgrade', to }] : [];
}

/** The version that the repository would put in place of the installed one. */
export function pendingUpgrade({ helpers, memory }: Facts): string | undefined {
  const { candidate } = memory;
  return helpers === undefined || candidate === helpers ? undefined : candidate;
}

/** For lpbuildbot-refresh-images.service, in place of the age that the package has. */
function refreshFile(refresh: string): string {
  const head = '# Written by the charm lpbuildbot-worker from its setting image-refresh.\n';
  // There always is a root directory: the condition never holds.
  if (refresh === 'never') return `${head}[Unit]\nConditionPathExists=!/\n`;
  return `${head}[Service]
ExecStart=
ExecStart=/usr/bin/lpbuildbot-create-image --all --max-age ${refresh}
ExecStart=/usr/bin/lpbuildbot-prune-images
`;
}

export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
