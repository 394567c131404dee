/**
 * apt, as a charm has to call it: never asking, waiting while somebody else works with it (a fresh machine's first minutes belong to the
 * system's own upgrades), and mending what a killed run of dpkg has left.
 */
import type { Machine, Ran } from './machine.ts';
import { steps } from './messages.ts';
import { carriedNode, packages, places } from './places.ts';
import type { Problem } from './report.ts';

export type AptOutcome = { readonly kind: 'done'; readonly stdout: string } | Problem;

/** How long somebody else may keep apt, in seconds, before the hook ends and the next one tries again. */
const PATIENCE = 900;
const PAUSE = 5_000;

const environment = {
  DEBIAN_FRONTEND: 'noninteractive',
  APT_LISTCHANGES_FRONTEND: 'none',
  // On Ubuntu it would restart services whose libraries are new, the worker with its builds among them.
  NEEDRESTART_SUSPEND: '1',
};

const always = [
  ...['-y', '-q', '-o', `DPkg::Lock::Timeout=${PATIENCE}`],
  ...['-o', 'Dpkg::Options::=--force-confdef', '-o', 'Dpkg::Options::=--force-confold'],
];

/** Not all of apt's locks are waited for by DPkg::Lock::Timeout: not that of the lists, nor that of the archives. */
const locked = /Could not get lock|Unable to lock|is another process using it/;
const interrupted = /dpkg was interrupted/;
const halfDone = /--fix-broken install|apt-get -f install|apt --fix-broken/;

export async function aptGet(machine: Machine, args: readonly string[]): Promise<AptOutcome> {
  const until = machine.now() + PATIENCE * 1000;
  const mended = new Set<string>();
  for (;;) {
    const ran = await machine.run(['apt-get', ...always, ...args], { env: environment });
    if (ran.code === 0) return { kind: 'done', stdout: ran.stdout };
    if (interrupted.test(ran.stderr) && !mended.has('dpkg')) {
      mended.add('dpkg');
      const again = await machine.run(['dpkg', '--configure', '-a', '--force-confdef', '--force-confold'], {
        env: environment,
      });
      if (again.code === 0 || locked.test(again.stderr)) continue;
    } else if (halfDone.test(ran.stderr) && !mended.has('apt')) {
      mended.add('apt');
      const again = await machine.run(['apt-get', ...always, '--fix-broken', 'install'], {
        env: environment,
      });
      if (again.code === 0) continue;
    } else if (locked.test(ran.stderr)) {
      if (machine.now() >= until) return { kind: 'busy', sentence: steps.aptBusy };
      await machine.sleep(PAUSE);
      continue;
    }
    return { kind: 'failed', sentence: errorsOf(ran) };
  }
}

/** The lists of all repositories, or only of the charm's own. */
export async function fetchLists(machine: Machine, which: 'all' | 'own'): Promise<AptOutcome> {
  const own = [
    ...['-o', `Dir::Etc::sourcelist=${places.aptSource}`, '-o', 'Dir::Etc::sourceparts=-'],
    ...['-o', 'APT::Get::List-Cleanup=0'],
  ];
  // Without it a repository that cannot be reached is a warning, and the exit code 0.
  const errors = which === 'own' ? ['-o', 'APT::Update::Error-Mode=any'] : [];
  const outcome = await aptGet(machine, [...(which === 'own' ? own : []), ...errors, 'update']);
  return outcome.kind === 'failed'
    ? { kind: 'failed', sentence: steps.listsFailed(outcome.sentence) }
    : outcome;
}

/** apt-cache(8): what apt would install now; nothing when it knows none. */
export async function candidateOf(machine: Machine, name: string): Promise<string | undefined> {
  const { stdout } = await machine.run(['apt-cache', 'policy', name]);
  const [, version] = /^ {2}Candidate: (\S+)$/m.exec(stdout) ?? [];
  return version === '(none)' ? undefined : version;
}

/** Whether apt has a Node.js that the helpers can run on; the charm's own does not count. */
export async function hasNode(machine: Machine): Promise<boolean> {
  const node = await candidateOf(machine, packages.node);
  if (node !== undefined && !carriedNode.isOurs(node)) return true;
  const [, major] = /^(?:\d+:)?(\d+)\./.exec((await candidateOf(machine, 'nodejs')) ?? '') ?? [];
  return Number(major ?? 0) >= 24;
}

/** apt's own words for what went wrong, without its marks; everything when it has none. */
function errorsOf({ code, stdout, stderr }: Ran): string {
  const errors = stderr.split('\n').filter((line) => line.startsWith('E: '));
  if (errors.length > 0) return errors.map((line) => line.slice(3)).join('; ');
  return stderr.trim() || stdout.trim().split('\n').at(-1) || `exit code ${code}`;
}
