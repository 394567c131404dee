/** Deletes the images that `planPrune` names, and tells of each. */
import type { Log } from '../command/log.ts';
import { aliasTarget, deleteImage, imageAlias, type Lxd, LxdError } from '../lxd/index.ts';
import { pruneWords } from './messages.ts';
import { observeImages } from './observe.ts';
import { planPrune } from './plan-prune.ts';

/** The exit code. */
export async function pruneImages(
  lxd: Lxd,
  keepOf: (name: string) => number,
  how: 'delete' | 'only say',
  log: Log,
): Promise<number> {
  const { images, passing } = await observeImages(lxd);
  const planned = planPrune({ images, keepOf });
  let freed = 0;
  let failed = 0;
  for (const { image, why } of planned) {
    log.info(pruneWords.image(image, why, how), { image: image.name, fingerprint: image.fingerprint });
    if (how === 'only say') freed += image.size;
    // Somebody may have put the alias back to it since we looked.
    else if ((await aliasTarget(lxd, imageAlias(image.name))) === image.fingerprint) continue;
    else if (await isDeleted(lxd, image.fingerprint, log)) freed += image.size;
    else failed += 1;
  }
  for (const fingerprint of passing) {
    log.info(pruneWords.passing(fingerprint, how));
    if (how === 'delete' && !(await isDeleted(lxd, fingerprint, log))) failed += 1;
  }
  log.info(pruneWords.sum(planned.length + passing.length - failed, freed, how));
  return failed === 0 ? 0 : 1;
}

async function isDeleted(lxd: Lxd, fingerprint: string, log: Log): Promise<boolean> {
  try {
    await deleteImage(lxd, fingerprint);
    return true;
  } catch (error) {
    if (!(error instanceof LxdError)) throw error;
    log.error(error.message);
    return false;
  }
}
