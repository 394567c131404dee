/** What the building of the package needs of the commands: their definitions, and what is generated from these. */
export { commands } from './command/commands.ts';
export { bashCompletion } from './command/completion.ts';
export { manFile, manPage } from './command/man.ts';
