/** The command lpbuildbot-doctor. */
import { defineCommand, flag, none } from '../command/define.ts';
import { Failure } from '../command/failure.ts';
import { runForReal } from '../setup/machine.ts';
import { exitCodeOf, judge } from './judge.ts';
import { messages } from './messages.ts';
import { observe } from './observe.ts';

const NAME = 'lpbuildbot-doctor';

export default defineCommand({
  name: NAME,
  section: 8,
  summary: 'tell what is wrong with this worker, and what to do',
  description: [
    "Looks at LXD, the space in its storage and in the builds' directory, the network of containers, the age of images, the worker's connection to its master, the timers, and the state of apt. A line each: ok, warning (it does no harm yet) or problem (builds fail, or will), what was found, and what to do about it.",
    'It changes nothing.',
  ],
  options: { json: flag({ about: 'as a JSON list of maps with check, verdict and sentence' }) },
  operands: none,
  exitCodes: [
    { what: '0', meaning: 'there is no problem, though there may be warnings' },
    { what: '1', meaning: 'there is a problem that somebody has to do something about' },
  ],
  examples: [
    { what: NAME, meaning: 'look at everything' },
    {
      what: `${NAME} --json | jq -r '.[] | select(.verdict != "ok") | .sentence'`,
      meaning: 'only what is wrong',
    },
  ],
  files: [{ what: '/var/lib/buildbot/slaves/twistd.log', meaning: 'the log of the worker' }],
  seeAlso: ['lpbuildbot-worker-setup(8)', 'lpbuildbot-list-images(8)', 'lpbuildbot-clean-containers(8)'],
  action: async ({ options }, { out, env }) => {
    if (process.geteuid?.() !== 0) throw new Failure(messages.needsRoot);
    const findings = judge(await observe(env, runForReal));
    out(options.json ? JSON.stringify(findings, null, 2) : findings.map(messages.line).join('\n'));
    return exitCodeOf(findings);
  },
});
