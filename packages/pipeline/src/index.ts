export { placeOf } from './address.ts';
export { type Branch, branchSchema, isBranchName, type Sha, shaSchema } from './brands.ts';
export { compile } from './compile.ts';
export { type Compiled, compiledSchema } from './compiled.ts';
export { formatPipeline } from './format.ts';
export { loadPipelines } from './load.ts';
export { mailAddressPattern } from './mail-address.ts';
export { formatMistakes, type Mistake } from './mistake.ts';
export type { Builder, Image, Merge, Notify, Pipeline, Promotion, Schedule, Step } from './model.ts';
export { type PipelineText, type Reading, readPipelines } from './read.ts';
export {
  type MasterDatabag,
  masterDatabag,
  type WorkerCredentials,
  type WorkerDatabag,
  workerCredentials,
  workerDatabag,
} from './worker-relation.ts';
