/** What all commands say in the same words. */
import type { CommandDoc, Described } from './doc.ts';

const table = (rows: readonly Described[]): string => {
  const width = Math.max(...rows.map(({ what }) => what.length));
  return rows.map(({ what, meaning }) => `  ${what.padEnd(width)}  ${meaning}`).join('\n');
};

const example = ({ what, meaning }: Described): string => `  ${meaning}:\n    ${what}`;

export const messages = {
  help: 'show this',
  showVersion: 'show the version',
  mayBeRepeated: 'may be given several times',
  version: (name: string, version: string): string => `${name} ${version}`,
  usageErrors: (name: string, mistakes: readonly string[]): string =>
    `${mistakes.map((mistake) => `${name}: ${mistake}`).join('\n')}\nTry '${name} --help'.\n`,
  badValue: (where: string, given: string | undefined, problem: string): string =>
    given === undefined ? `${where}: ${problem}` : `${where}: ${JSON.stringify(given)}: ${problem}`,
  helpAfter: (doc: CommandDoc, exitCodes: readonly Described[]): string =>
    [
      ...(doc.examples.length > 0 ? [`\nExamples:\n${doc.examples.map(example).join('\n')}`] : []),
      `\nExit codes:\n${table(exitCodes)}`,
      `\nMore: man ${doc.name}`,
    ].join('\n'),
  logFormat: "it is neither 'text' nor 'json'",
  internalError: (stack: string): string =>
    `this is a mistake in the program, please report it with these lines:\n${stack}`,
  unknownCommand: (name: string, known: readonly string[]): string =>
    `${name} is not a command of this package, which has ${known.join(', ')}.\n`,
};
