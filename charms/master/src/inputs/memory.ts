/**
 * What the charm remembers between hooks, in files that only root reads. Losing it costs time, never correctness: passwords of
 * workers are read again from their secrets, everything else is made anew.
 */
import { secretUriSchema, unitNameSchema } from '@lpbuildbot/juju';
import * as z from 'zod';

const credentialSchema = z.object({
  /** Juju's ID of the relation. */
  relation: z.string(),
  unit: unitNameSchema,
  /** What Buildbot calls the worker. */
  name: z.string(),
  password: z.string(),
  uri: secretUriSchema,
  /** The newest revision of the secret. */
  revision: z.int(),
  /** When it gets another password, in milliseconds since the epoch. */
  expires: z.number(),
  /** `doubtful`: written in a hook of which it is not known whether Juju kept what it wrote. */
  trust: z.enum(['sure', 'doubtful']),
});
export type Credential = z.infer<typeof credentialSchema>;

const memorySchema = z.object({
  /** What was installed, by a mark of what was wanted. */
  installed: z.string().default(''),
  /** The version that Juju was told. */
  version: z.string().default(''),
  /** Digests of the charm's own files, by path, with what tells that the file is still the same. */
  digests: z.record(z.string(), z.object({ stamp: z.string(), digest: z.string() })).default({}),
  /** The Python environment, by a mark of what it was made from. */
  environment: z.object({ mark: z.string(), python: z.string() }).optional(),
  credentials: z.array(credentialSchema).default([]),
  /** Hashes of the passwords in the operator's secret, each with a mark of the password: hashing is slow on purpose. */
  hashes: z.record(z.string(), z.object({ mark: z.string(), hash: z.string() })).default({}),
  /** What those marks are made with. */
  pepper: z.string().default(''),
});
export type Memory = Readonly<z.infer<typeof memorySchema>>;

const acceptedSchema = z.object({
  /** A mark of the source and the files. */
  key: z.string(),
  /** `pipelines`, or the repository and the branch. */
  source: z.string(),
  revision: z.string().optional(),
  files: z.array(z.object({ file: z.string(), text: z.string() })),
  /** What Buildbot is given: the JSON of @lpbuildbot/pipeline's compile. */
  compiled: z.unknown(),
  facts: z.object({
    reads: z.array(z.string()),
    pushes: z.array(z.string()),
    /** Those that builders run in. */
    images: z.array(z.string()),
    /** Projects that want their news in Mattermost, and those that want mail; unknown from earlier versions of the charm. */
    chats: z.array(z.string()).default([]),
    mails: z.array(z.string()).default([]),
    projects: z.number(),
    builders: z.number(),
  }),
});
/** The pipeline files that Buildbot took last. */
export type Accepted = Readonly<z.infer<typeof acceptedSchema>>;

const peopleSchema = z.object({
  admin: z.object({ password: z.string(), hash: z.string() }),
  /** Hashes of those that the action add-web-user added. */
  added: z.record(z.string(), z.string()).default({}),
});
export type People = Readonly<z.infer<typeof peopleSchema>>;

const wantedSchema = z.object({
  python: z.string(),
  directory: z.string(),
  pipeline: z.unknown(),
  site: z.object({
    title: z.string(),
    url: z.string(),
    web: z.object({ host: z.string(), port: z.number() }),
    workers: z.object({ host: z.string(), port: z.number() }),
    workersTls: z.object({ keyFile: z.string(), certificateFile: z.string() }),
    loginsFile: z.string(),
    // Not in what an older version of the charm remembered.
    webhookSecretFile: z.string().exactOptional(),
    logRetentionDays: z.number(),
  }),
  workers: z.array(
    z.object({
      name: z.string(),
      password: z.string(),
      images: z.array(z.string()),
      capacity: z.number(),
      arch: z.string().exactOptional(),
    }),
  ),
});
/** The configuration that Buildbot was last given, or soon will be. */
export type Wanted = z.infer<typeof wantedSchema>;

function stored<T>(schema: z.ZodType<T>, text: string | undefined): T | undefined {
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return schema.safeParse(value).data;
}

export const readMemory = (text: string | undefined): Memory =>
  stored(memorySchema, text) ?? memorySchema.parse({});
export const readAccepted = (text: string | undefined): Accepted | undefined => stored(acceptedSchema, text);
export const readPeople = (text: string | undefined): People | undefined => stored(peopleSchema, text);
export const readWanted = (text: string | undefined): Wanted | undefined => stored(wantedSchema, text);
export const printed = (value: unknown): string => `${JSON.stringify(value)}\n`;
