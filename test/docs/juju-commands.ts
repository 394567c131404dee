/**
 * The commands of the `juju` client that the documentation uses, with the options that it may use them with: those that Juju 3.3 and 4 have
 * alike. Looked up in the client's own `SetFlags` and `Init` (`cmd/juju` and `cmd/modelcmd` of github.com/juju/juju) of 3.3.0, 3.6.0,
 * 3.6.25, 4.0.0 and 4.0.14, and in its reference
 * (https://documentation.ubuntu.com/juju/3.6/reference/juju-cli/list-of-juju-cli-commands/, and the same of 4.0). A command or option that
 * is not here is a mistake of the page until somebody has looked it up. `wait-for` and `--watch` of `status` are not here because they
 * ended with Juju 3.
 */
import type { Usage } from './programs.ts';

type Kinds = Readonly<Record<string, 'switch' | 'value'>>;

const model: Kinds = { '--model': 'value', '-m': 'value' };
const format: Kinds = { '--format': 'value', '--output': 'value', '-o': 'value' };
const many = Number.POSITIVE_INFINITY;

function usage(least: number, most: number, kinds: Kinds = {}, verbatim = false): Usage {
  return { options: new Map(Object.entries(kinds)), words: { least, most }, verbatim };
}

export const jujuCommands: ReadonlyMap<string, Usage> = new Map([
  ['version', usage(0, 0, format)],
  ['help', usage(0, 1)],
  ['bootstrap', usage(0, 2, { '--config': 'value', '--constraints': 'value', '--bootstrap-base': 'value' })],
  ['controllers', usage(0, 0, format)],
  ['add-model', usage(1, 2, { '--config': 'value' })],
  ['models', usage(0, 0, format)],
  ['switch', usage(0, 1)],
  ['model-config', usage(0, many, { ...model, ...format, '--reset': 'value' })],
  [
    'destroy-model',
    usage(1, 1, {
      '--no-prompt': 'switch',
      '--destroy-storage': 'switch',
      '--release-storage': 'switch',
      '--force': 'switch',
    }),
  ],
  // No words: controllers of Juju 4 before 4.0.8 refuse to show a part.
  [
    'status',
    usage(0, 0, {
      ...model,
      ...format,
      '--relations': 'switch',
      '--storage': 'switch',
      '--color': 'switch',
    }),
  ],
  [
    'deploy',
    usage(1, 2, {
      ...model,
      '--overlay': 'value',
      '--config': 'value',
      '--constraints': 'value',
      '--resource': 'value',
      '--storage': 'value',
      '--attach-storage': 'value',
      '--to': 'value',
      '--base': 'value',
      '--channel': 'value',
      '--trust': 'switch',
      '--dry-run': 'switch',
      '--num-units': 'value',
      '-n': 'value',
    }),
  ],
  [
    'refresh',
    usage(1, 1, {
      ...model,
      '--path': 'value',
      '--resource': 'value',
      '--channel': 'value',
      '--revision': 'value',
    }),
  ],
  ['config', usage(1, many, { ...model, ...format, '--file': 'value', '--reset': 'value' })],
  ['integrate', usage(2, 2, { ...model, '--via': 'value' })],
  ['remove-relation', usage(1, 2, { ...model, '--force': 'switch' })],
  [
    'add-unit',
    usage(1, 1, {
      ...model,
      '--to': 'value',
      '--num-units': 'value',
      '-n': 'value',
      '--attach-storage': 'value',
    }),
  ],
  [
    'remove-unit',
    usage(1, many, { ...model, '--no-prompt': 'switch', '--destroy-storage': 'switch', '--force': 'switch' }),
  ],
  [
    'remove-application',
    usage(1, many, { ...model, '--no-prompt': 'switch', '--destroy-storage': 'switch', '--force': 'switch' }),
  ],
  ['add-machine', usage(0, 1, { ...model, '--constraints': 'value', '--base': 'value', '-n': 'value' })],
  [
    'remove-machine',
    usage(1, many, { ...model, '--no-prompt': 'switch', '--force': 'switch', '--keep-instance': 'switch' }),
  ],
  ['machines', usage(0, 0, { ...model, ...format })],
  [
    'run',
    usage(2, many, {
      ...model,
      ...format,
      '--wait': 'value',
      '--background': 'switch',
      '--params': 'value',
      '--string-args': 'switch',
    }),
  ],
  ['actions', usage(1, 1, { ...model, ...format, '--schema': 'switch' })],
  ['show-action', usage(2, 2, model)],
  [
    'operations',
    usage(0, 0, { ...model, ...format, '--actions': 'value', '--units': 'value', '--limit': 'value' }),
  ],
  ['show-operation', usage(1, 1, { ...model, ...format, '--wait': 'value' })],
  // Not verbatim: the client takes options for its own wherever they stand, so a command with options needs `--` before it.
  [
    'exec',
    usage(1, many, {
      ...model,
      ...format,
      '--unit': 'value',
      '--application': 'value',
      '--all': 'switch',
      '--wait': 'value',
    }),
  ],
  [
    'ssh',
    usage(
      1,
      many,
      { ...model, '--proxy': 'switch', '--pty': 'switch', '--no-host-key-checks': 'switch' },
      true,
    ),
  ],
  // Like ssh, it hands on what follows the first word.
  ['scp', usage(2, many, { ...model, '--proxy': 'switch', '--no-host-key-checks': 'switch' }, true)],
  ['add-ssh-key', usage(1, many, model)],
  ['add-secret', usage(1, many, { ...model, '--file': 'value', '--info': 'value' })],
  [
    'update-secret',
    usage(1, many, {
      ...model,
      '--file': 'value',
      '--info': 'value',
      '--auto-prune': 'switch',
      '--name': 'value',
    }),
  ],
  ['grant-secret', usage(2, 2, model)],
  ['revoke-secret', usage(2, 2, model)],
  [
    'show-secret',
    usage(1, 1, {
      ...model,
      ...format,
      '--reveal': 'switch',
      '--revision': 'value',
      '--revisions': 'switch',
    }),
  ],
  ['secrets', usage(0, 0, { ...model, ...format })],
  ['remove-secret', usage(1, 1, { ...model, '--revision': 'value' })],
  ['attach-resource', usage(2, 2, model)],
  ['resources', usage(1, 1, { ...model, ...format })],
  // It takes words with `--filesystem` and `--volume` only, which are deprecated.
  ['storage', usage(0, 0, { ...model, ...format })],
  ['attach-storage', usage(2, many, model)],
  ['detach-storage', usage(1, many, { ...model, '--force': 'switch' })],
  ['remove-storage', usage(1, many, { ...model, '--force': 'switch', '--no-destroy': 'switch' })],
  ['show-unit', usage(1, many, { ...model, ...format, '--endpoint': 'value', '--related-unit': 'value' })],
  // No word with `--all`.
  ['resolved', usage(0, many, { ...model, '--all': 'switch', '--no-retry': 'switch' })],
  [
    'debug-log',
    usage(0, 0, {
      ...model,
      '--include': 'value',
      '-i': 'value',
      '--replay': 'switch',
      '--tail': 'switch',
      '--no-tail': 'switch',
      '--limit': 'value',
      '-n': 'value',
      '--level': 'value',
      '-l': 'value',
    }),
  ],
  // No word with `--type model`.
  [
    'show-status-log',
    usage(0, 1, { ...model, ...format, '-n': 'value', '--days': 'value', '--type': 'value' }),
  ],
  ['expose', usage(1, 1, { ...model, '--endpoints': 'value' })],
]);
