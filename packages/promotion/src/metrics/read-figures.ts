/** Asks Buildbot for its queue and workers: what is good to know, and nothing depends on. */
import type { KnownBuilds } from '../buildbot/known-builds.ts';
import { type Buildbot, BuildbotError } from '../buildbot/rest.ts';
import type { FailureKind } from '../trouble.ts';
import { type BuildbotFigures, buildbotFigures } from './buildbot-figures.ts';

/** Undefined when Buildbot can't say; that has been counted then. */
export async function readFigures(
  buildbot: Buildbot,
  builds: KnownBuilds,
  onFailure: (kind: FailureKind) => void,
): Promise<BuildbotFigures | undefined> {
  try {
    const [workers, pending] = await Promise.all([buildbot.workers(), buildbot.pendingRequests()]);
    return buildbotFigures({ workers, pending, nameOf: (builderid) => builds.builderName(builderid) });
  } catch (error) {
    if (!(error instanceof BuildbotError)) throw error;
    onFailure('buildbot_unreachable');
    return undefined;
  }
}
