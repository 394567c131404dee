/**
 * `npm run check:mojo [-- --static]`: reads the Mojo spec as strictly as its grammar is known; and as root, where there is LXD or may
 * be, runs the manifests of devel on the rig, twice.
 */
import { parseArgs } from 'node:util';
import { ensureLxd } from '../../scripts/lib/ensure-lxd.ts';
import { ensurePackTools } from '../../scripts/lib/pack-tools.ts';
import { machinePrefix, setUpCases } from '../deploy/cases.ts';
import { DevelStage, specDirectory } from '../deploy/devel-stage.ts';
import { removeLeftovers } from '../rig/leftovers.ts';
import { checkSpec } from './check-spec.ts';
import { messages } from './messages.ts';

async function main(argv: string[]): Promise<number> {
  const options = {
    static: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  } as const;
  const { values } = parseArgs({ args: argv, options });
  if (values.help) {
    process.stdout.write(messages.usage);
    return 0;
  }
  const { files, problems } = await checkSpec(specDirectory);
  if (problems.length > 0) console.error(messages.problems(problems));
  console.log(messages.static(files, problems.length));
  if (problems.length > 0) return 1;
  if (values.static) console.log(messages.notRunAsAsked);
  else if (process.getuid?.() !== 0) console.log(messages.notRun);
  else return await runOnRig();
  return 0;
}

/** The whole manifest, and again: what is there is left as it is. */
async function runOnRig(): Promise<number> {
  const lxd = await ensureLxd();
  if (lxd.kind === 'failed') return obstacle(lxd.sentence);
  const tools = await ensurePackTools();
  if (tools.kind === 'failed') return obstacle(tools.reason);
  await removeLeftovers(machinePrefix);
  setUpCases({ driver: 'rig', charms: '', progress: '/dev/stderr' });
  const stage = await DevelStage.open();
  try {
    for (const [manifest, from] of [
      ['manifest', 'packs'],
      ['manifest', stage.packedByBuild],
      ['manifest-verify', stage.packedByBuild],
    ] as const) {
      console.log(messages.running(manifest, 'devel'));
      const started = performance.now();
      const outcome = await stage.run(manifest, from);
      if (outcome.kind === 'failed') {
        console.error(messages.failed(manifest, outcome.reason));
        return 1;
      }
      console.log(messages.done(manifest, Math.round((performance.now() - started) / 1000)));
    }
    return 0;
  } finally {
    await stage.destroy();
    await removeLeftovers(machinePrefix);
  }
}

function obstacle(sentence: string): number {
  console.error(messages.obstacle(sentence));
  return 1;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
process.exitCode = await main(process.argv.slice(2));
