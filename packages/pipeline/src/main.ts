#!/usr/bin/env node
/** The command `lpbuildbot-pipeline`. */
import { Command, CommanderError } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { compile } from './compile.ts';
import { formatPipeline } from './format.ts';
import { pipelineJsonSchema } from './json-schema.ts';
import { loadPipelines } from './load.ts';
import { command as words } from './messages.ts';
import { formatMistakes } from './mistake.ts';
import type { Pipeline } from './model.ts';
import { summarize } from './summary.ts';

const wrongUsage = 2;

const program = new Command('lpbuildbot-pipeline')
  .description(words.about)
  .version(packageJson.version)
  .addHelpText('after', words.exits)
  .showHelpAfterError(false)
  .exitOverride();

program
  .command('check')
  .description(words.check)
  .argument('<file...>', words.files)
  .action(withPipelines(summarize));
program
  .command('compile')
  .description(words.compile)
  .argument('<file...>', words.files)
  .action(withPipelines((pipelines) => JSON.stringify(compile(pipelines), null, 2)));
program
  .command('schema')
  .description(words.schema)
  .action(() => print(JSON.stringify(pipelineJsonSchema(), null, 2)));
program
  .command('format')
  .description(words.format)
  .argument('<file>', words.files)
  .action((file: string) =>
    withPipelines((pipelines) => pipelines.map(formatPipeline).join('---\n'))([file]),
  );

function withPipelines(show: (pipelines: readonly Pipeline[]) => string): (paths: string[]) => Promise<void> {
  return async (paths) => {
    const reading = await loadPipelines(paths);
    if (reading.kind === 'accepted') return print(show(reading.pipelines));
    process.stderr.write(`${formatMistakes(reading.mistakes)}\n${words.mistakes(reading.mistakes.length)}\n`);
    process.exitCode = 1;
  };
}

function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

// A reader such as `head` may go before everything is printed.
process.stdout.on('error', (error) => {
  process.exit('code' in error && error.code === 'EPIPE' ? 0 : 1);
});

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : wrongUsage;
}
