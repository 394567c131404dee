export { type Branch, branchSchema, isBranchName, type Sha, shaSchema } from './brands.ts';
export { type Compiled, compiledSchema } from './compiled.ts';
export type { Builder, Image, Merge, Pipeline, Promotion, Schedule, Step } from './model.ts';
