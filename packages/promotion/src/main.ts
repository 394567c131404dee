#!/usr/bin/env node
/** The command lpbuildbot-promotion. */
import { userInfo } from 'node:os';
import { Command, Option } from 'commander';
import { pino } from 'pino';
import * as z from 'zod';
import { explainPairs, mergePair } from './ask.ts';
import { checkPush } from './check-push.ts';
import { askDaemon, changeDaemon } from './client.ts';
import { type Config, ConfigError, loadConfig } from './config.ts';
import { lockState, realSurroundings, startDaemon } from './daemon.ts';
import { changeHold, pairsOfConfig } from './hold-commands.ts';
import { messages } from './messages.ts';
import { choosePair, type MergePair, type PairWords } from './pairs.ts';
import { Service } from './service.ts';
import { parseStored } from './state/json.ts';
import { statusText } from './status-text.ts';
import type { Log } from './surroundings.ts';
import { VERSION } from './version.ts';

const refusal = z.object({ error: z.string() });

const DEFAULT_CONFIG = '/etc/lpbuildbot/promotion.yaml';

interface PairOptions {
  readonly project?: string;
}

const program = new Command('lpbuildbot-promotion')
  .description('Moves tested revisions to the stable branches, and says why a branch does not move.')
  .version(VERSION)
  .addOption(
    new Option('-c, --config <file>', 'the configuration')
      .default(DEFAULT_CONFIG)
      .env('LPBUILDBOT_PROMOTION_CONFIG'),
  )
  .addHelpText(
    'after',
    `
Exit codes: 0 done; 1 it could not be done, or something needs a person; 2 wrong usage or configuration.`,
  )
  .configureHelp({ showGlobalOptions: true })
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));

program
  .command('run')
  .description('be the service, until SIGTERM')
  .option('--once', 'look at everything once, act, and leave')
  .option('--dry-run', 'look at everything once, say what would be done, and leave')
  .action(async (options: { once?: true; dryRun?: true }) => {
    const config = await configuration();
    if (options.dryRun) await once(config, 'look');
    else if (options.once) await once(config, 'act');
    else await serve(config);
  });

program
  .command('status')
  .description('a line for each branch pair')
  .option('--json', 'everything that is known, as JSON')
  .action(async (options: { json?: true }) => {
    const config = await configuration();
    const answer = await askDaemon(config, options.json ? 'api/state' : 'api/status.txt');
    if (answer !== undefined) return print(answer.text);
    const state = await (await lookByOurselves(config)).state();
    print(options.json ? JSON.stringify(state) : statusText(state));
  });

program
  .command('explain <branch>')
  .description('why a branch does not move, and what would unblock it')
  .option('--project <name>', 'when several projects have such a branch')
  .action(async (branch: string, options: PairOptions) => {
    const config = await configuration();
    const words = { branch, project: options.project };
    const query = new URLSearchParams({ branch, ...(options.project && { project: options.project }) });
    const answer = await askDaemon(config, `api/explain.txt?${query}`);
    if (answer !== undefined) {
      print(answer.text);
      process.exitCode = answer.ok ? 0 : 1;
      return;
    }
    const explained = await explainPairs(await lookByOurselves(config), words);
    print(explained.text);
    process.exitCode = explained.kind === 'explained' ? 0 : 1;
  });

program
  .command('check-push')
  .description('whether every branch that is moved may be pushed; moves none')
  .action(async () => {
    const { ok, text } = await checkPush(await configuration(), realSurroundings(logTo(2), 'look'));
    print(text);
    process.exitCode = ok ? 0 : 1;
  });

for (const verb of ['hold', 'resume'] as const) {
  program
    .command(`${verb} <branch> [into]`)
    .description(
      verb === 'hold'
        ? 'stop moving a branch: its name, or both branches of the pair (FROM TO)'
        : 'let a held branch move again',
    )
    .option('--project <name>', 'when several projects have such a branch')
    .option('--why <text>', 'the reason, for everybody who wonders', verb === 'hold' ? 'no reason given' : '')
    .option('--who <name>', 'who says so', process.env.SUDO_USER ?? userInfo().username)
    .action(
      async (
        first: string,
        second: string | undefined,
        options: PairOptions & { why: string; who: string },
      ) => {
        const config = await configuration();
        const outcome = await changeHold(verb, config, words(first, second, options), options);
        print(`${outcome.text}\n`);
        process.exitCode = outcome.ok ? 0 : 1;
        if (outcome.ok) await changeDaemon(config, 'api/look', {});
      },
    );
}

program
  .command('merge <from> <into>')
  .description('merge one branch into another now, whatever the schedule says')
  .option('--project <name>', 'when several projects have such branches')
  .action(async (from: string, into: string, options: PairOptions) => {
    const config = await configuration();
    const wanted = { from, branch: into, project: options.project };
    const pairs = (await pairsOfConfig(config)).filter((pair) => pair.kind === 'merge');
    const chosen = choosePair(pairs, wanted);
    if (chosen.kind === 'refused') return fail(chosen.reason);
    const answer = await changeDaemon(config, 'api/merge', wanted);
    const { ok, text } =
      answer === undefined ? await mergeByOurselves(config, chosen.pair) : merged(answer.text);
    print(`${text}\n`);
    process.exitCode = ok ? 0 : 1;
  });

function words(first: string, second: string | undefined, options: PairOptions): PairWords {
  const { project } = options;
  return second === undefined ? { branch: first, project } : { from: first, branch: second, project };
}

async function configuration(): Promise<Config> {
  return await loadConfig(z.string().parse(program.opts().config));
}

async function serve(config: Config): Promise<void> {
  const daemon = await startDaemon(config, logTo(1));
  const stop = () => {
    void daemon.stop().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

async function once(config: Config, acting: 'act' | 'look'): Promise<void> {
  const lock = acting === 'act' ? await lockState(config.state) : undefined;
  const service = await Service.open(config, realSurroundings(logTo(2), acting));
  await service.lookNow();
  const state = await service.state();
  print(statusText(state));
  await service.stop(0);
  lock?.close();
  const troubled = state.projects
    .flatMap((project) => project.pairs)
    .some((pair) => pair.trouble !== undefined);
  process.exitCode = troubled || state.buildbot.problem !== undefined ? 1 : 0;
}

/** A look without the service, that changes nothing. */
async function lookByOurselves(config: Config): Promise<Service> {
  process.stderr.write(`${messages.looking}\n`);
  const service = await Service.open(config, realSurroundings(logTo(2), 'look'));
  await service.lookNow();
  await service.stop(0);
  return service;
}

async function mergeByOurselves(config: Config, pair: MergePair): Promise<{ ok: boolean; text: string }> {
  const lock = await lockState(config.state);
  const service = await Service.open(config, realSurroundings(logTo(2), 'act'));
  const outcome = await mergePair(service, pair);
  await service.stop(0);
  lock.close();
  return outcome;
}

function merged(json: string): { ok: boolean; text: string } {
  const answer = parseStored(json, z.union([z.object({ ok: z.boolean(), text: z.string() }), refusal]));
  if (answer === undefined) return { ok: false, text: json };
  return 'error' in answer ? { ok: false, text: answer.error } : answer;
}

/** pino's lines: for the journal from the service, on standard error from a command, so that its answer stays alone. */
function logTo(descriptor: 1 | 2): Log {
  return pino(
    { level: descriptor === 1 ? 'info' : 'warn' },
    pino.destination({ fd: descriptor, sync: true }),
  );
}

function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

function fail(text: string): void {
  process.stderr.write(`lpbuildbot-promotion: ${text}\n`);
  process.exitCode = 1;
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`lpbuildbot-promotion: ${error.message}\n`);
  process.exit(2);
}
