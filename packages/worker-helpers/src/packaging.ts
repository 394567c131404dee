/** What the building of the package, and of the documentation, needs of the commands: their definitions, and what is generated from these. */
export { commands } from './command/commands.ts';
export { bashCompletion } from './command/completion.ts';
export { type CommandDoc, commonOptions, exitCodesOf, longName, operandText } from './command/doc.ts';
export { manFile, manPage } from './command/man.ts';
