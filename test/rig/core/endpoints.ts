/** Which endpoints two words of `juju integrate` mean: both may name an application alone, when there is one way to relate the two. */
import { applicationOf, Refused, type Relation, type RelationEnd, type World } from './world.ts';

interface Word {
  readonly application: string;
  readonly endpoint: string | undefined;
}

function read(text: string): Word {
  const [application = '', endpoint] = text.split(':');
  return { application, endpoint };
}

/** @throws Refused when nothing fits, or more than one. */
export function endsToRelate(world: World, one: string, other: string): readonly [RelationEnd, RelationEnd] {
  const fitting = endpointsOf(world, read(one)).flatMap((own) =>
    endpointsOf(world, read(other))
      .filter((their) => fit(world, own, their))
      .map((their) => [own, their] as const),
  );
  const [found, ...more] = fitting;
  if (found === undefined) {
    throw new Refused(`cannot relate endpoints "${one}" and "${other}": no compatible endpoints`);
  }
  if (more.length > 0) {
    const ways = fitting.map((ends) => `"${ends.map(shown).join(' ')}"`).join('; ');
    throw new Refused(`ambiguous relation: "${one} ${other}" could refer to ${ways}`);
  }
  return found;
}

function endpointsOf(world: World, { application, endpoint }: Word): RelationEnd[] {
  return [...applicationOf(world, application).charm.charmcraft.endpoints.keys()]
    .filter((name) => endpoint === undefined || endpoint === name)
    .map((name) => ({ application, endpoint: name }));
}

/** One provides what the other requires; an application is not related with itself. */
function fit(world: World, one: RelationEnd, other: RelationEnd): boolean {
  const [own, their] = [one, other].map(({ application, endpoint }) => {
    const { charmcraft, interfaces } = applicationOf(world, application).charm;
    return { role: charmcraft.endpoints.get(endpoint), interface: interfaces[endpoint]?.interface };
  });
  return (
    one.application !== other.application &&
    [own?.role, their?.role].toSorted().join() === 'provides,requires' &&
    own?.interface === their?.interface
  );
}

/** The relation that two words mean, of those that are not ending. */
export function relationBetween(world: World, one: string, other: string): Relation | undefined {
  const words = [read(one), read(other)];
  return [...world.relations.values()].find(
    ({ life, ends }) =>
      life === 'alive' &&
      ends.length === 2 &&
      words.every(({ application, endpoint }) =>
        ends.some(
          (end) => end.application === application && (endpoint === undefined || endpoint === end.endpoint),
        ),
      ),
  );
}

export function shown({ application, endpoint }: RelationEnd): string {
  return `${application}:${endpoint}`;
}
