/** The charms under test, packed as `npm run pack` does, and the package that the worker's charm installs (it makes lpbuildbot-node of the Node that it carries). */
import { join } from 'node:path';
import { packCharm } from '../../scripts/lib/pack-charm.ts';
import { packDeb } from '../../scripts/lib/pack-deb.ts';
import { thisArchitecture } from '../../scripts/lib/pack-node.ts';

export type Packed =
  | { readonly kind: 'packed'; readonly directory: string }
  | { readonly kind: 'failed'; readonly reason: string };

export async function packCharms(directory: string): Promise<Packed> {
  const out = join(directory, 'charms');
  console.error('packing the charms and the package for workers (under a minute)');
  for (const charm of ['master', 'worker'] as const) {
    const outcome = await packCharm({ charm, out, architecture: thisArchitecture });
    if (outcome.kind === 'failed') return outcome;
  }
  const outcome = await packDeb({ out, architecture: thisArchitecture, packages: 'helpers' });
  return outcome.kind === 'failed' ? outcome : { kind: 'packed', directory: out };
}
