export { type Branch, branchSchema, isBranchName, type Sha, shaSchema } from './brands.ts';
export { type Compiled, compiledSchema } from './compiled.ts';
export { loadPipelines } from './load.ts';
export { formatMistakes, type Mistake } from './mistake.ts';
export type { Builder, Image, Merge, Pipeline, Promotion, Schedule, Step } from './model.ts';
export { type PipelineText, type Reading, readPipelines } from './read.ts';
