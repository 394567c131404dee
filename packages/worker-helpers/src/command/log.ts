/**
 * What commands say about their work: sentences for people, or pino's JSON lines where the journal (or whoever asked) takes them.
 * pino is loaded only for the latter, so that nobody at a terminal waits for it.
 */

type LogLevel = 'debug' | 'info' | 'warn' | 'error';
type LogFormat = 'text' | 'json';

/** A whole sentence, and facts for programs, which people do not see. */
export type Log = Readonly<
  Record<LogLevel, (sentence: string, facts?: Readonly<Record<string, unknown>>) => void>
>;

interface LogOptions {
  readonly name: string;
  readonly format: LogFormat;
  readonly verbosity: 'normal' | 'verbose';
  readonly write: (text: string) => void;
}

export async function openLog(options: LogOptions): Promise<Log> {
  return options.format === 'json' ? await jsonLog(options) : textLog(options);
}

function textLog({ name, verbosity, write }: LogOptions): Log {
  return {
    debug: (sentence) => {
      if (verbosity === 'verbose') write(`${sentence}\n`);
    },
    info: (sentence) => write(`${sentence}\n`),
    warn: (sentence) => write(`${name}: warning: ${sentence}\n`),
    error: (sentence) => write(`${name}: ${sentence}\n`),
  };
}

async function jsonLog({ name, verbosity, write }: LogOptions): Promise<Log> {
  const { pino } = await import('pino');
  const log = pino({ name, level: verbosity === 'verbose' ? 'debug' : 'info' }, { write });
  return {
    debug: (sentence, facts = {}) => log.debug(facts, sentence),
    info: (sentence, facts = {}) => log.info(facts, sentence),
    warn: (sentence, facts = {}) => log.warn(facts, sentence),
    error: (sentence, facts = {}) => log.error(facts, sentence),
  };
}
