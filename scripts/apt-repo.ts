/** `npm run apt-repo -- DIRECTORY --key KEY`: dist/*.deb in a signed apt repository. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { aptSource, KEYRING, publish } from './lib/apt-repository.ts';
import { repositoryMessages as messages } from './lib/apt-repository-messages.ts';
import { ensureTools } from './lib/pack-tools.ts';
import { runProgram } from './lib/run-program.ts';

const dist = join(import.meta.dirname, '../dist');
const tools = new Map([
  ['apt-ftparchive', 'apt-utils'],
  ['gpg', 'gnupg'],
]);

async function main(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      key: { type: 'string' },
      'key-file': { type: 'string' },
      url: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const [directory, ...files] = positionals;
  const { key, 'key-file': keyFile, url } = values;
  if (values.help || directory === undefined || (key === undefined) === (keyFile === undefined)) {
    (values.help ? process.stdout : process.stderr).write(messages.usage);
    return values.help ? 0 : 2;
  }
  const ready = await ensureTools(tools);
  if (ready.kind === 'failed') return fail(ready.reason);
  const packages = files.length > 0 ? files.map((file) => resolve(file)) : await packedFiles();
  const place = resolve(directory);
  const outcome = await withKey(key, keyFile, (signing) =>
    publish({ directory: place, packages, ...signing }),
  );
  if (outcome.kind === 'refused') return fail(outcome.reason);
  console.log(outcome.kind === 'unchanged' ? messages.unchanged : messages.published(outcome.added));
  const address = (url ?? `file:${place}`).replace(/\/$/, '');
  console.log(messages.onWorkers(address, KEYRING, aptSource(address)));
  return 0;
}

type Refused = { readonly kind: 'refused'; readonly reason: string };

/** A key from a file is imported into a keyring of its own, which is gone afterwards. */
async function withKey<Outcome>(
  key: string | undefined,
  file: string | undefined,
  work: (signing: { key: string; gnupgHome?: string }) => Promise<Outcome>,
): Promise<Outcome | Refused> {
  if (key !== undefined) return await work({ key });
  const gnupgHome = await mkdtemp(join(tmpdir(), 'apt-repo-key-'));
  const gpg = (...words: string[]) =>
    runProgram(['gpg', '--batch', '--homedir', gnupgHome, ...words], { cwd: gnupgHome });
  try {
    const imported = await gpg('--quiet', '--import', resolve(file ?? ''));
    const listed = await gpg('--with-colons', '--list-secret-keys');
    const fingerprint = /^fpr:+([0-9A-F]+):/m.exec(listed.output)?.[1];
    if (imported.code !== 0 || fingerprint === undefined) {
      return { kind: 'refused', reason: messages.badKeyFile(file ?? '', imported.output) };
    }
    return await work({ key: fingerprint, gnupgHome });
  } finally {
    await runProgram(['gpgconf', '--homedir', gnupgHome, '--kill', 'all'], { cwd: '/' });
    await rm(gnupgHome, { recursive: true, force: true });
  }
}

async function packedFiles(): Promise<string[]> {
  const names = await readdir(dist).catch(() => []);
  return names.filter((name) => name.endsWith('.deb')).map((name) => join(dist, name));
}

function fail(reason: string): number {
  console.error(`lpbuildbot: ${reason}`);
  return 1;
}

process.exitCode = await main(process.argv.slice(2));
