/** `npm run pack [-- --arch amd64|arm64] [--out DIRECTORY]`: everything that ships, in dist/. */
import { stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { packCharm } from './lib/pack-charm.ts';
import { type PackOutcome, packDeb } from './lib/pack-deb.ts';
import { packed, packing, packUsage } from './lib/pack-messages.ts';
import { type Architecture, thisArchitecture } from './lib/pack-node.ts';

interface Request {
  readonly out: string;
  readonly architecture: Architecture;
  readonly helpersOnly: boolean;
}

const packers: readonly {
  readonly name: string;
  readonly pack: (request: Request) => Promise<PackOutcome>;
}[] = [
  {
    name: 'the packages for workers',
    pack: ({ helpersOnly, ...request }) => packDeb({ ...request, packages: helpersOnly ? 'helpers' : 'all' }),
  },
  {
    name: 'the charm for workers',
    pack: ({ out, architecture }) => packCharm({ charm: 'worker', out, architecture }),
  },
  {
    name: 'the charm for masters',
    pack: ({ out, architecture }) => packCharm({ charm: 'master', out, architecture }),
  },
];

async function main(argv: string[]): Promise<number> {
  const options = {
    arch: { type: 'string', default: thisArchitecture },
    out: { type: 'string', default: join(import.meta.dirname, '../dist') },
    'helpers-only': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  } as const;
  const { values } = parseArgs({ args: argv, options });
  const architecture = z.enum(['amd64', 'arm64']).safeParse(values.arch);
  if (values.help || !architecture.success) {
    (values.help ? process.stdout : process.stderr).write(packUsage);
    return values.help ? 0 : 2;
  }
  const request = {
    out: resolve(values.out),
    architecture: architecture.data,
    helpersOnly: values['helpers-only'],
  };
  for (const { name, pack } of packers) {
    console.log(packing(name));
    const outcome = await pack(request);
    if (outcome.kind === 'failed') {
      console.error(`lpbuildbot: ${outcome.reason}`);
      return 1;
    }
    for (const file of outcome.files)
      console.log(packed(relative(process.cwd(), file), (await stat(file)).size));
  }
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
