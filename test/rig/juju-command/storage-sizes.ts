/** Sizes of storage, as directives of the client and of bundles give them. */
import { Failure } from './console.ts';

/** `disk=rootfs,512M`: the rig has one pool, and one of each. */
export function storageSizes(directives: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(directives).flatMap(([name, directive]) => {
      const parts = directive.split(',');
      const size = parts.find((part) => /^\d+[MGTP](?:i?B)?$/.test(part));
      if (parts.some((part) => /^\d+$/.test(part) && part !== '1')) {
        throw new Failure(`the rig has one storage of each name: ${name}=${directive}`);
      }
      return size === undefined ? [] : [[name, size.replace(/i?B$/, '')]];
    }),
  );
}
