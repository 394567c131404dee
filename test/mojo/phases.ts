/**
 * The phases of Mojo that this project may use, and their parameters: those that public specs use (openstack-mojo-specs,
 * appstream-cloud, ubuntu-release-metrics) or Canonical's own pages document. What is known by name only is refused, with what to
 * do instead, because nobody here can say what it would do.
 */

export type ParameterKind = 'path' | 'seconds' | 'false';

export interface PhaseKind {
  readonly parameters: Readonly<Record<string, ParameterKind>>;
  /** Parameters that have to be there: without them the default is not known for sure. */
  readonly needs: readonly string[];
  /** Whether parameters that are not the phase's own, in capitals, become variables of the script. */
  readonly variables: 'taken' | 'none';
  /** What the file that `config` names is. */
  readonly file: 'script' | 'collect' | 'bundle' | 'none';
}

const script: Pick<PhaseKind, 'needs' | 'file'> = { needs: ['config'], file: 'script' };

export const phaseKinds: Readonly<Record<string, PhaseKind>> = {
  secrets: { parameters: {}, needs: [], variables: 'none', file: 'none' },
  collect: { parameters: { config: 'path' }, needs: ['config'], variables: 'none', file: 'collect' },
  build: { ...script, parameters: { config: 'path' }, variables: 'none' },
  script: { ...script, parameters: { config: 'path', lxc: 'false' }, variables: 'taken' },
  // `config` is always given; `local` names a file of secrets that this project has no use for.
  bundle: {
    parameters: { config: 'path', 'max-wait': 'seconds' },
    needs: ['config', 'max-wait'],
    variables: 'none',
    file: 'bundle',
  },
  'juju-check-wait': { parameters: {}, needs: [], variables: 'none', file: 'none' },
  sleep: { parameters: { config: 'seconds' }, needs: ['config'], variables: 'none', file: 'none' },
  verify: { ...script, parameters: { config: 'path' }, variables: 'taken' },
  'nagios-check': { parameters: {}, needs: [], variables: 'none', file: 'none' },
};

/** Phases that exist and are not to be used, with what to do instead. */
export const refusedPhases: Readonly<Record<string, string>> = {
  deploy: 'it is for juju-deployer: write bundle',
  repo: 'it has been automatic since 2016: leave it out',
  builddeps: 'no public manifest uses it: install what build needs in the script itself',
  'stop-on': 'no public manifest uses it: let a script fail instead',
  include: 'no public manifest uses it: repeat the lines',
  volumes: 'no public manifest uses it: write storage in the bundle',
};

/** Parameters that are known by name and not by what they do. */
export const refusedParameters: Readonly<Record<string, readonly string[]>> = {
  secrets: ['auto-secrets'],
  bundle: ['wait', 'delay', 'local', 'target', 'timeout'],
  'juju-check-wait': ['timeout', 'status-timeout', 'additional-ready-states'],
  'nagios-check': ['services', 'skip-checks'],
};
