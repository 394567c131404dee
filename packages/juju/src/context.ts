/** Juju's environment of a hook or an action, read once and frozen; nothing else looks at `process.env`. */
import * as z from 'zod';
import { NotAHookError } from './errors.ts';
import { type JujuEvent, parseEvent } from './event.ts';
import { messages } from './messages.ts';
import { applicationOf, type UnitName, unitNameSchema } from './names.ts';

export interface JujuContext {
  readonly event: JujuEvent;
  readonly unit: UnitName;
  readonly application: string;
  readonly model: { readonly name: string; readonly uuid: string };
  /** Where the charm is unpacked. */
  readonly charmDirectory: string;
  /** `4.0.14`. */
  readonly jujuVersion: string;
  readonly machine: string | undefined;
  readonly availabilityZone: string | undefined;
  /** The model's proxies, for what a charm fetches. */
  readonly proxy: {
    readonly http: string | undefined;
    readonly https: string | undefined;
    /** Comma-separated hosts that are reached without. */
    readonly none: string | undefined;
  };
}

export type Environment = Readonly<Record<string, string | undefined>>;

const optional = z.string().optional();
const required = z.string().min(1);

const environmentSchema = z.object({
  JUJU_UNIT_NAME: unitNameSchema,
  JUJU_MODEL_NAME: required,
  JUJU_MODEL_UUID: required,
  JUJU_CHARM_DIR: required,
  JUJU_VERSION: required,
  JUJU_MACHINE_ID: optional,
  JUJU_AVAILABILITY_ZONE: optional,
  JUJU_CHARM_HTTP_PROXY: optional,
  JUJU_CHARM_HTTPS_PROXY: optional,
  JUJU_CHARM_NO_PROXY: optional,
});

/** @throws NotAHookError with everything that is missing or wrong. */
export function readContext(env: Environment): JujuContext {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) {
    throw new NotAHookError(
      parsed.error.issues.map(({ path, message }) => {
        const name = path.join('.');
        return given[name] === undefined
          ? messages.variableMissing(name)
          : messages.variableWrong(name, message);
      }),
    );
  }
  const { data } = parsed;
  return Object.freeze({
    event: Object.freeze(parseEvent(env)),
    unit: data.JUJU_UNIT_NAME,
    application: applicationOf(data.JUJU_UNIT_NAME),
    model: Object.freeze({ name: data.JUJU_MODEL_NAME, uuid: data.JUJU_MODEL_UUID }),
    charmDirectory: data.JUJU_CHARM_DIR,
    jujuVersion: data.JUJU_VERSION,
    machine: data.JUJU_MACHINE_ID,
    availabilityZone: data.JUJU_AVAILABILITY_ZONE,
    proxy: Object.freeze({
      http: data.JUJU_CHARM_HTTP_PROXY,
      https: data.JUJU_CHARM_HTTPS_PROXY,
      none: data.JUJU_CHARM_NO_PROXY,
    }),
  });
}
