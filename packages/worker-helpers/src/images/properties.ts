/** What our images say about themselves in LXD, printed and read in one place. */
import { imageProperties } from '../lxd/index.ts';
import type { Job } from './make-image.ts';
import type { Properties } from './store.ts';

const keys = {
  ...imageProperties,
  /** The fingerprint of the image below, where that is one of this LXD. */
  base: 'lpbuildbot.base',
  /** JSON: the variables that builds in it get. */
  environment: 'lpbuildbot.environment',
  /** The process that makes it; as long as an image says whose it is, it is not whole. */
  owner: 'lpbuildbot.owner',
} as const;

export const whole = 'whole';

export function propertiesOf(
  { recipe, hash, base, environment }: Job,
  state: typeof whole | { readonly owner: string },
): Properties {
  return {
    description: recipe.description ?? `lpbuildbot ${recipe.name}`,
    [keys.name]: recipe.name,
    [keys.recipe]: hash,
    ...(base !== undefined && { [keys.base]: base }),
    ...(Object.keys(environment).length > 0 && { [keys.environment]: JSON.stringify(environment) }),
    ...(state !== whole && { [keys.owner]: state.owner }),
  };
}

/** Of an image that is only there for one run: a root file system on its way into a container. */
export function passingProperties(owner: string): Properties {
  return { description: 'lpbuildbot, being made', [keys.owner]: owner };
}

export interface ReadProperties {
  /** Absent on an image that is only there for one run. */
  readonly name: string | undefined;
  readonly recipe: string;
  readonly base: string | undefined;
  readonly owner: string | undefined;
}

/** Nothing for an image that is not ours. */
export function readProperties(properties: Properties): ReadProperties | undefined {
  const {
    [keys.name]: name,
    [keys.recipe]: recipe = '',
    [keys.base]: base,
    [keys.owner]: owner,
  } = properties;
  return name === undefined && owner === undefined ? undefined : { name, recipe, base, owner };
}
