/** The command lpbuildbot-run. */
import * as z from 'zod';
import { commandLine, defineCommand, list, required, value } from '../command/define.ts';
import { parseDuration } from '../images/recipes/duration.ts';
import { CANNOT_RUN, TIMED_OUT } from './failure.ts';
import { runMessages } from './messages.ts';

const imageName = z.string().regex(/^[a-z0-9][a-z0-9.-]{0,62}$/, runMessages.notAnImageName);

const variable = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*=[^\0]*$/s, runMessages.notAVariable)
  .transform((text) => ({
    name: text.slice(0, text.indexOf('=')),
    value: text.slice(text.indexOf('=') + 1),
  }));

const cpus = z
  .string()
  .regex(/^[1-9][0-9]{0,3}$/, runMessages.notCpus)
  .transform(Number);

const memory = z.string().regex(/^[1-9][0-9]{0,9}(kB|MB|GB|KiB|MiB|GiB)$/, runMessages.notMemory);

const duration = z.string().transform((text, context) => {
  const seconds = parseDuration(text);
  if (seconds !== undefined && seconds > 0) return seconds;
  context.addIssue({ code: 'custom', message: runMessages.notADuration });
  return z.NEVER;
});

export default defineCommand({
  name: 'lpbuildbot-run',
  section: 1,
  summary: 'run a command in a fresh container',
  description: [
    'Makes a container of an image, runs the command in it, hands on its output as it comes, and removes the container, however the command ends. The exit code is that of the command.',
    'The command runs as the user to whom the first bound directory belongs, named buildbot, whose home directory is new. Bound directories have the same path inside, and the command runs in the current directory when that is bound, else in the first bound one. Nothing of the environment comes in but what --env says; standard input is empty. The network is there when the command begins.',
    'Where the image has sudo or doas, what root has made in a bound directory is given to its owner once the command has ended.',
    'The .git of a bound directory can be read there and not be written: outside of the container git would run what a command leaves in it as a hook, a filter or a monitor. A command that commits does so in a clone, as made by git clone . /tmp/clone.',
    'SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1 and SIGUSR2 are passed on to the command. When it has not ended 10 seconds after one of the first four, or a second one comes, its container is stopped. When this program itself is killed, the container goes with the next lpbuildbot-run, or with lpbuildbot-clean-containers.',
    'The first run with an image (and an owner of files) prepares a container that later ones are copies of, and takes a few seconds longer.',
    'The user buildbot, as which a worker runs what its master sends, has no access to LXD. For that user the command runs itself as root through sudo, and then takes no other directories than those of builds, below /var/lib/buildbot/slaves.',
  ],
  options: {
    image: required({
      placeholder: 'NAME',
      about: 'the image (see lpbuildbot-list-images)',
      type: imageName,
      complete: { linesOf: 'lpbuildbot-list-images --names' },
    }),
    bind: list({
      placeholder: 'DIR',
      about: 'a directory to have inside, at the same path',
      type: z.string().min(1),
      complete: 'directory',
    }),
    env: list({
      placeholder: 'NAME=VALUE',
      about: "a variable of the command's environment",
      type: variable,
    }),
    cpus: value({ placeholder: 'N', about: 'how many processors it may use', type: cpus }),
    memory: value({ placeholder: 'SIZE', about: 'how much memory it may use, as 4GiB', type: memory }),
    timeout: value({
      placeholder: 'TIME',
      about: 'end it after that time, as 90s, 30m or 2h',
      type: duration,
    }),
    network: value({
      placeholder: 'none',
      about: 'none: it gets no network',
      type: z.literal('none', { error: runMessages.notANetwork }),
      complete: { words: ['none'] },
    }),
  },
  operands: commandLine({ placeholder: 'COMMAND', about: 'the command and its arguments, after --' }),
  exitCodes: [
    { what: String(TIMED_OUT), meaning: 'the command took longer than --timeout and was ended' },
    {
      what: String(CANNOT_RUN),
      meaning: 'the command was not run, or how it ended is not known: the reason is on standard error',
    },
    { what: '126', meaning: 'the command is there but cannot be run' },
    { what: '127', meaning: 'there is no such command' },
    { what: '128+N', meaning: 'signal N ended the command' },
    { what: 'other', meaning: "the command's own" },
  ],
  internalError: CANNOT_RUN,
  examples: [
    {
      what: "lpbuildbot-run --image focal --bind . -- /bin/sh -c 'make check'",
      meaning: 'what a step of a build is',
    },
    {
      what: 'lpbuildbot-run --image focal --timeout 5m --memory 4GiB --network none -- nproc',
      meaning: 'with limits',
    },
  ],
  files: [
    { what: '/var/lib/buildbot/slaves/', meaning: "the worker's builds" },
    { what: '/etc/sudoers.d/lpbuildbot-worker', meaning: 'lets the user buildbot run this command as root' },
  ],
  seeAlso: ['lpbuildbot-list-images(8)', 'lpbuildbot-create-image(8)', 'lpbuildbot-clean-containers(8)'],
  action: async ({ options, operands }, world) => {
    const { run } = await import('./run.ts');
    const env = Object.fromEntries(options.env.map(({ name, value: text }) => [name, text]));
    return await run({ ...options, env, argv: operands }, world);
  },
});
