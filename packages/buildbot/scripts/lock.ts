/**
 * Writes the locks of the Python packages: `npm run lock -w @lpbuildbot/buildbot`. One lock serves every Python and
 * machine we support, because the same versions resolve on all of them (this program ends with an error the day they do not). It lists the hashes of exactly the wheels that these Pythons and machines take, so a package that has no wheel
 * somewhere is found here and not on a server.
 */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

const UV = 'uv==0.13.9';
const PYTHONS = ['3.11', '3.12', '3.14'];
const MACHINES = ['x86_64', 'aarch64'];
/** The C libraries from CentOS 7's to Debian 12's, newest first, as pip prefers them. */
const GLIBC_MINORS = Array.from({ length: 36 - 17 + 1 }, (_, index) => 36 - index);
const LOCKS = ['requirements', 'requirements-check'];

interface Target {
  readonly python: string;
  readonly machine: string;
}

const all = PYTHONS.flatMap((python) => MACHINES.map((machine): Target => ({ python, machine })));

const folder = join(import.meta.dirname, '../python');
const work = await mkdtemp(join(tmpdir(), 'lpbuildbot-lock-'));
try {
  const python = process.env.LPBUILDBOT_PYTHON ?? 'python3';
  await execa(python, ['-m', 'venv', join(work, 'tools')]);
  const bin = join(work, 'tools/bin');
  await execa(join(bin, 'pip'), ['install', '--quiet', '--only-binary=:all:', UV], { stderr: 'inherit' });
  for (const name of LOCKS) await lock(bin, name);
} finally {
  await rm(work, { recursive: true });
}

async function lock(bin: string, name: string): Promise<void> {
  const resolved = new Map<string, Target[]>();
  for (const target of all) {
    const { stdout } = await execa(join(bin, 'uv'), [
      ...['pip', 'compile', '--quiet', '--no-header', '--no-annotate', '--only-binary', ':all:'],
      ...['--python-version', target.python, '--python-platform', `${target.machine}-manylinux_2_28`],
      join(folder, `${name}.in`),
    ]);
    for (const version of stdout.trim().split('\n')) {
      resolved.set(version, [...(resolved.get(version) ?? []), target]);
    }
  }

  const hashes = new Map<string, Set<string>>();
  for (const target of all) {
    const wheels = join(work, name, `${target.python}-${target.machine}`);
    await mkdir(wheels, { recursive: true });
    const platforms = [
      ...GLIBC_MINORS.map((minor) => `manylinux_2_${minor}_${target.machine}`),
      `manylinux2014_${target.machine}`,
      `linux_${target.machine}`,
    ];
    console.log(`${name}: wheels for Python ${target.python} on ${target.machine}`);
    await execa(
      join(bin, 'pip'),
      [
        ...['download', '--quiet', '--no-deps', '--only-binary=:all:', '--dest', wheels],
        ...['--python-version', target.python, '--implementation', 'cp'],
        ...platforms.flatMap((platform) => ['--platform', platform]),
        ...[...resolved].filter(([, on]) => on.includes(target)).map(([version]) => version),
      ],
      { stderr: 'inherit' },
    );
    for (const file of await readdir(wheels)) {
      const project = normalized(file.slice(0, file.indexOf('-')));
      const digest = createHash('sha256').update(await readFile(join(wheels, file)));
      hashes.set(project, (hashes.get(project) ?? new Set()).add(digest.digest('hex')));
    }
  }

  const lines = [...resolved].sort().map(([version, on]) => {
    const digests = hashes.get(normalized(version.slice(0, version.indexOf('==')))) ?? new Set();
    return [
      `${version}${marker(version, on)}`,
      ...[...digests].sort().map((digest) => `    --hash=sha256:${digest}`),
    ].join(' \\\n');
  });
  const header = `# Made from ${name}.in by \`npm run lock -w @lpbuildbot/buildbot\`: every wheel for CPython ${PYTHONS.join(', ')}
# on ${MACHINES.join(' and ')}. Do not edit.
`;
  await writeFile(join(folder, `${name}.txt`), `${header}${lines.join('\n')}\n`);
  console.log(`${name}.txt: ${lines.length} packages`);
}

/** The environment marker of a package that only some machines take; all supported Pythons have to agree on it. */
function marker(version: string, on: readonly Target[]): string {
  if (on.length === all.length) return '';
  const machines = MACHINES.filter((machine) => on.some((target) => target.machine === machine));
  if (on.length === machines.length * PYTHONS.length) {
    return ` ; ${machines.map((machine) => `platform_machine == "${machine}"`).join(' or ')}`;
  }
  const where = on.map((target) => `${target.python}/${target.machine}`).join(', ');
  throw new Error(`${version} resolves on ${where} alone; one lock cannot serve every Python`);
}

/** A project's name as PyPA's name normalization has it, so that a wheel's file name finds its requirement. */
function normalized(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-');
}
