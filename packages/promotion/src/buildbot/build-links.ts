/** Where people can look at builds. */
import type { Config } from '../config.ts';
import type { KnownBuild } from './build-store.ts';
import type { KnownBuilds } from './known-builds.ts';

export function buildLinks(
  { 'buildbot-web': web, buildbot }: Config,
  builds: Pick<KnownBuilds, 'builderId'>,
): (build: KnownBuild) => string {
  return ({ builder, number }) =>
    `${web ?? buildbot}#/builders/${builds.builderId(builder) ?? ''}/builds/${number}`;
}
