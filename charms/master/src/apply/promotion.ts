/** The promotion service: its settings, its secrets, the pipeline files that Buildbot took, and the command for operators. */

import type { Accepted } from '../inputs/memory.ts';
import type { Inputs } from '../inputs.ts';
import type { Machine } from '../machine/machine.ts';
import { PROMOTION, places } from '../places.ts';
import { commandText, mark, promotionFiles, unitText } from '../plan/files.ts';
import type { Situation } from '../plan/status.ts';
import type { Serve } from '../plan.ts';
import { applyDirectory, applyFiles, writeUnit } from './files.ts';
import type { Installed } from './install.ts';
import { runService, stopServices } from './services.ts';

export async function applyPromotion(
  machine: Machine,
  inputs: Inputs,
  serve: Serve,
  installed: Installed,
  accepted: Accepted | undefined,
): Promise<Situation['promotion']> {
  const { settings, secrets, site } = serve;
  const state = inputs.services.get(PROMOTION);
  const now = (): Situation['promotion'] => {
    if (state?.active === 'active' || state?.active === 'activating') return 'active';
    return state?.enabled === 'enabled' ? 'failed' : 'not-configured';
  };
  // What is wrong or cannot be read changes nothing.
  if (settings === 'kept' || secrets === 'kept' || accepted === undefined || site === undefined) return now();

  const node = installed.programs['lib/node'];
  const program = installed.programs['lib/promotion.mjs'];
  const mode = settings.promotion === 'off' ? 'shadow' : settings.promotion;
  const around = { port: site.web.port, url: site.url, mail: settings.mail };
  const planned = promotionFiles(secrets, mode, around, accepted.files);
  const unit = unitText(
    inputs.templates.get(PROMOTION) ?? '',
    { NODE: node, PROMOTION: program },
    inputs.proxy,
  );
  await applyFiles(machine, planned.files);
  await applyDirectory(machine, places.promotionPipelines, planned.pipelines);
  await applyFiles(machine, [{ path: places.command, mode: 0o755, content: commandText(node, program) }]);
  await writeUnit(machine, PROMOTION, unit);
  if (settings.promotion === 'off') {
    await stopServices(machine, inputs.services, [PROMOTION]);
    return 'off';
  }
  const started = await runService(machine, {
    name: PROMOTION,
    fingerprintFile: places.promotionFingerprint,
    fingerprint: mark(unit, planned),
    started: inputs.started.promotion,
    state,
  });
  if (started === 'started' && (await machine.promotion.untilServing()) === 'failed') return 'failed';
  return settings.promotion;
}
