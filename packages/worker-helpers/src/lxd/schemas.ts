/** The parts of LXD's answers that we read (its REST API, version 1.0: LXD's doc/rest-api.yaml). */
import * as z from 'zod';

const strings = z.record(z.string(), z.string());
const devices = z.record(z.string(), strings);

export const envelopeSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('sync'), metadata: z.unknown() }),
  z.object({ type: z.literal('async'), operation: z.string(), metadata: z.unknown() }),
  z.object({ type: z.literal('error'), error: z.string(), error_code: z.number() }),
]);

export const operationSchema = z.object({
  id: z.string(),
  status_code: z.number(),
  err: z.string().default(''),
  metadata: z.record(z.string(), z.unknown()).nullable().default(null),
});
export type Operation = z.infer<typeof operationSchema>;

export const serverSchema = z.object({
  api_extensions: z.array(z.string()),
  auth: z.string(),
  environment: z.object({
    server_version: z.string(),
    server_pid: z.number().default(0),
    storage: z.string().default(''),
    architectures: z.array(z.string()).default([]),
  }),
});
export type Server = z.infer<typeof serverSchema>;

export const instanceSchema = z.object({
  name: z.string(),
  status: z.string(),
  ephemeral: z.boolean(),
  config: strings,
  devices,
  expanded_config: strings.default({}),
  expanded_devices: devices.default({}),
  profiles: z.array(z.string()).nullable().default([]),
  created_at: z.string(),
});
export type Instance = z.infer<typeof instanceSchema>;

export const instanceStateSchema = z.object({
  status: z.string(),
  /** Of its first process, as this machine counts; 0 or -1 when it is not running. */
  pid: z.number(),
  network: z
    .record(
      z.string(),
      z.object({
        addresses: z.array(z.object({ family: z.string(), address: z.string(), scope: z.string() })),
      }),
    )
    .nullable()
    .default(null),
  disk: z
    .record(z.string(), z.object({ usage: z.number() }))
    .nullable()
    .default(null),
});
export type InstanceState = z.infer<typeof instanceStateSchema>;

export const imageSchema = z.object({
  fingerprint: z.string(),
  size: z.number(),
  properties: strings.nullable().default({}),
  aliases: z
    .array(z.object({ name: z.string() }))
    .nullable()
    .default([]),
  architecture: z.string(),
  created_at: z.string(),
  uploaded_at: z.string(),
});
export type Image = z.infer<typeof imageSchema>;

export const aliasSchema = z.object({ name: z.string(), target: z.string() });
export type Alias = z.infer<typeof aliasSchema>;

export const profileSchema = z.object({ name: z.string(), config: strings, devices });
export type Profile = z.infer<typeof profileSchema>;

export const networkSchema = z.object({
  name: z.string(),
  type: z.string(),
  managed: z.boolean(),
  config: strings.nullable().default({}),
  used_by: z.array(z.string()).nullable().default([]),
});
export type Network = z.infer<typeof networkSchema>;

export const leaseSchema = z.object({ address: z.string() });

export const poolSchema = z.object({
  name: z.string(),
  driver: z.string(),
  config: strings.nullable().default({}),
});
export type Pool = z.infer<typeof poolSchema>;

export const poolResourcesSchema = z.object({
  /** In bytes. */
  space: z.object({ used: z.number().default(0), total: z.number().default(0) }),
});
export type PoolResources = z.infer<typeof poolResourcesSchema>;
