/** The command lpbuildbot-worker-setup. */
import * as z from 'zod';
import { defineCommand, flag, none, value } from '../command/define.ts';
import { longName, USAGE_ERROR } from '../command/doc.ts';
import { Failure } from '../command/failure.ts';
import { identityOf, runForReal } from './machine.ts';
import { masterAddress } from './master-address.ts';
import { messages } from './messages.ts';
import { PLACES, USER } from './places.ts';
import { removeWorker, setUpWorker } from './set-up.ts';
import { readSettings } from './settings.ts';

const NAME = 'lpbuildbot-worker-setup';

const workerName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,49}$/, messages.notAName);

export default defineCommand({
  name: NAME,
  section: 8,
  summary: 'make this machine a worker of a Buildbot master',
  description: [
    `Writes ${PLACES.worker}/buildbot.tac and what belongs to it, and starts buildslave.service, which runs the worker. When nothing has changed since the last time, nothing is done.`,
    'When a running worker has to learn something new, it is drained: it finishes its running builds, takes no new ones, ends, and systemd starts it with the new settings. No build is lost.',
    'With --tls-ca the connection is encrypted, and the worker trusts that authority alone. Without it the password and everything else can be read on the way.',
    'The password is read from a file, and never appears among the arguments of a process, in its environment, or in a log.',
  ],
  options: {
    master: value({
      placeholder: 'HOST:PORT',
      about: "the address of the master's port for workers",
      type: masterAddress,
    }),
    name: value({
      placeholder: 'NAME',
      about: 'the name that the master knows this worker by',
      type: workerName,
    }),
    passwordFile: value({
      placeholder: 'FILE',
      about: "a file that holds the worker's password and nothing else; - is standard input",
      type: z.string(),
      complete: 'file',
    }),
    tlsCa: value({
      placeholder: 'FILE',
      about: "the authority that signed the master's certificate (PEM); the connection is then encrypted",
      type: z.string(),
      complete: 'file',
    }),
    admin: value({
      placeholder: 'TEXT',
      about: "who looks after this machine, for the master's web page (default: root@ this machine)",
      type: z.string().regex(/^[^\r\n]+$/, 'it is not one line'),
    }),
    remove: flag({ about: 'undo it: the worker finishes its builds and does not start again' }),
    now: flag({ about: 'do not wait for running builds; the master gives them to other workers' }),
  },
  operands: none,
  exitCodes: [
    { what: '0', meaning: 'the worker is set up (or removed), now or already before' },
    { what: '1', meaning: 'it could not be done; the sentence on standard error says why' },
  ],
  examples: [
    {
      what: `${NAME} --master buildbot.example.com:9989 --name focal-1 --password-file /root/password --tls-ca /root/master-ca.pem`,
      meaning: 'join a master',
    },
    { what: `${NAME} --remove`, meaning: 'leave it again, once the running builds are done' },
  ],
  files: [
    {
      what: `${PLACES.worker}/buildbot.tac`,
      meaning: 'the settings with the password, read by the worker alone',
    },
    { what: `${PLACES.worker}/twistd.log`, meaning: 'the log of the worker' },
    { what: `${PLACES.trust}/master.pem`, meaning: 'the authority that the worker trusts' },
  ],
  seeAlso: ['lpbuildbot-doctor(8)', 'buildbot-worker(1)', 'systemctl(1)'],
  action: async ({ options }, { log }) => {
    const { remove, now, ...wishes } = options;
    const { master, name, passwordFile } = wishes;
    const patience = now ? 'now' : 'builds-end';
    const given = Object.values(wishes).some((wish) => typeof wish === 'string' || typeof wish === 'object');
    if (remove && given) throw new Failure(messages.removeAlone, { exitCode: USAGE_ERROR });
    if (process.geteuid?.() !== 0) throw new Failure(messages.needsRoot);
    const worker = await identityOf(USER, runForReal);
    if (worker === undefined) throw new Failure(messages.noUser);
    const machine = { places: PLACES, worker, run: runForReal };
    if (remove) {
      await removeWorker(machine, patience, log);
      return 0;
    }
    if (master === undefined || name === undefined || passwordFile === undefined) {
      const missing = (['master', 'name', 'passwordFile'] as const).filter(
        (key) => wishes[key] === undefined,
      );
      throw new Failure(messages.missing(missing.map(longName)), { exitCode: USAGE_ERROR });
    }
    await setUpWorker(machine, readSettings({ ...wishes, master, name, passwordFile }, log), patience, log);
    return 0;
  },
});
