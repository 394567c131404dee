/** Every sentence of `npm start`. */
import type { Ports } from './options.ts';

export const help = `Usage: npm start -- [options]

Runs the whole system on this machine: a real Buildbot master, two workers, and the promotion service. Without a
pipeline file it makes a demo repository, feeds commits into it, and tells what happens. State is kept, and the next
start goes on from it. Ctrl-C ends everything.

  --once                 leave with 0 once every promoted branch has moved
  --pipeline FILE        your own pipeline file: its branches are tested and moved for real
  --state DIR            where everything is kept (default .lpbuildbot/local, or a directory for each pipeline file)
  --timeout MINUTES      how long --once may take (default 30)
  --web-port N           Buildbot's web pages (default 8010)
  --worker-port N        where workers connect (default 9989)
  --promotion-port N     the promotion service (default 8011)
  -h, --help             this
`;

export const messages = {
  usage: (what: string) => `${what}\nnpm start -- --help tells the options.`,
  portInUse: (port: number, option: string) =>
    `port ${port} is in use; end the program that has it, or choose another one with --${option}.`,
  needsImages: (builders: readonly string[]) =>
    `this machine's workers build without images, and these builders ask for one: ${builders.join(', ')}. Write "host: true" in place of the image to try them here.`,
  ended: (what: string, how: string, log: string) => `${what} ended by itself (${how}); its log: ${log}`,
  notServing: (seconds: number, output: string) =>
    `the promotion service did not come up within ${seconds} s:\n${output}`,
  timedOut: (minutes: number) => `not every promoted branch has moved within ${minutes} min:`,

  starting: (what: string) => `starting ${what}`,
  own: (file: string, remotes: readonly string[]) =>
    `${file}: green revisions are pushed for real, to ${remotes.join(', ')}`,
  addresses: (ports: Ports, password: string, promotion: string, state: string) => [
    `Buildbot    http://127.0.0.1:${ports.web}/   log in as demo, password ${password}`,
    `promotion   http://127.0.0.1:${ports.promotion}/   or: ${promotion} status, explain BRANCH, hold, resume`,
    `state       ${state}`,
  ],
  finished: 'every promoted branch has moved',
  storyEnds: 'the story ends here; everything stays up until Ctrl-C',
  stopping: 'stopping (Ctrl-C again to stop at once)',

  pushed: (branch: string, revision: string, subject: string) => `${branch} ${revision}  ${subject}`,
  building: (builder: string, number: number, revision: string) =>
    `${builder} #${number} of ${revision} begins`,
  built: (builder: string, number: number, revision: string, word: string) =>
    `${builder} #${number} of ${revision} is ${word}`,
  waits: (branch: string) =>
    `${branch} is red, and testfix mode is on: a plain commit waits for one with [testfix]`,
};
