/**
 * Whether a command that the documentation shows exists, with these options, settings, actions and parameters: judged by the commands' own
 * definitions, package.json and the charms' charmcraft.yaml. Pure.
 */
import { type Charm, endpointsOf } from './charms.ts';
import { isSingle, type Program, type Usage } from './programs.ts';

export interface Knowledge {
  readonly programs: ReadonlyMap<string, Program>;
  readonly scripts: ReadonlySet<string>;
  readonly juju: ReadonlyMap<string, Usage>;
  /** By the names that the applications have. */
  readonly charms: ReadonlyMap<string, Charm>;
}

/** Commands of npm itself. */
const npmCommands = new Set(['start', 'test', 'ci', 'install']);

/** What is wrong with it, in sentences; nothing for other people's programs. */
export function commandMistakes(
  words: readonly string[],
  knowledge: Knowledge,
  how: 'to type' | 'named' = 'to type',
): string[] {
  const mistakes = allMistakes(words, knowledge);
  return how === 'to type' ? mistakes : mistakes.filter((mistake) => !isUnfinished(mistake));
}

/** Something is missing, and nothing is wrong with what there is. */
function isUnfinished(mistake: string): boolean {
  return / wants (\d+ words at least|the parameter)/.test(mistake);
}

function allMistakes(words: readonly string[], knowledge: Knowledge): string[] {
  const [program = '', ...rest] = words;
  if (program === 'npm') return npmMistakes(rest, knowledge.scripts);
  if (program === 'juju') return jujuMistakes(rest, knowledge);
  const name = program.replace(/^\.?\/?(node_modules\/\.bin\/|usr\/(local\/)?bin\/)/, '');
  if (!name.startsWith('lpbuildbot-')) return [];
  const known = knowledge.programs.get(name);
  if (known === undefined) return [`there is no command ${name}`];
  if (isSingle(known.usages)) return usageMistakes(name, rest, known.usages).mistakes;
  const at = rest.findIndex((word) => !word.startsWith('-'));
  const command = rest[at] ?? '';
  if (at < 0) return [];
  const usage = known.usages.get(command);
  if (usage === undefined) return [`${name} has no command ${command}`];
  return usageMistakes(`${name} ${command}`, rest.toSpliced(at, 1), usage).mistakes;
}

function npmMistakes([command = '', ...rest]: readonly string[], scripts: ReadonlySet<string>): string[] {
  if (command === 'run') {
    const [script = ''] = rest;
    return scripts.has(script) || rest.includes('-w') ? [] : [`package.json has no script ${script}`];
  }
  return npmCommands.has(command) ? [] : [`npm ${command} is no command of the documentation`];
}

interface Parsed {
  readonly words: readonly string[];
  /** Values by option, in order. */
  readonly values: readonly (readonly [string, string])[];
  readonly mistakes: readonly string[];
}

function usageMistakes(name: string, rest: readonly string[], usage: Usage): { mistakes: string[] } & Parsed {
  const parsed = parse(name, rest, usage);
  const { least, most } = usage.words;
  const count = parsed.words.length;
  const mistakes = [
    ...parsed.mistakes,
    ...(count < least ? [`${name} wants ${least} words at least, not ${count}`] : []),
    ...(count > most ? [`${name} takes ${most} words, not ${count}`] : []),
  ];
  return { ...parsed, mistakes };
}

function parse(name: string, rest: readonly string[], usage: Usage): Parsed {
  const words: string[] = [];
  const values: (readonly [string, string])[] = [];
  const mistakes: string[] = [];
  const left = [...rest];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    if (word === '--' || (usage.verbatim && words.length > 0)) {
      words.push(...(word === '--' ? [] : [word]), ...left);
      break;
    }
    if (!/^-./.test(word)) {
      words.push(word);
      continue;
    }
    const [option = '', given] = word.split(/=(.*)/s);
    const kind = usage.options.get(option);
    if (kind === undefined) mistakes.push(`${name} has no option ${option}`);
    else if (kind === 'value') values.push([option, given ?? left.shift() ?? '']);
  }
  return { words, values, mistakes };
}

function jujuMistakes([command = '', ...rest]: readonly string[], knowledge: Knowledge): string[] {
  const usage = knowledge.juju.get(command);
  if (usage === undefined) return [`juju ${command} is not known to test/docs/juju-commands.ts`];
  const parsed = usageMistakes(`juju ${command}`, rest, usage);
  return [...parsed.mistakes, ...modelMistakes(command, parsed, knowledge.charms)];
}

/** What stands in the charms: settings, actions with their parameters, endpoints, resources, storage. */
function modelMistakes(command: string, { words, values }: Parsed, charms: Knowledge['charms']): string[] {
  const [first = '', ...others] = words;
  const charmOf = (text: string): Charm | undefined => charms.get(text.split(/[/:]/)[0] ?? '');
  switch (command) {
    case 'run':
      return actionMistakes(others, charmOf(first));
    case 'config': {
      const reset = values.filter(([option]) => option === '--reset').flatMap(([, keys]) => keys.split(','));
      return settingMistakes([...others.map(keyOf), ...reset], charmOf(first));
    }
    case 'integrate':
    case 'remove-relation':
      return words.flatMap((word) => {
        const [application = '', endpoint] = word.split(':');
        const charm = charms.get(application);
        if (charm === undefined || endpoint === undefined || endpointsOf(charm).has(endpoint)) return [];
        return [`${charm.name} has no endpoint ${endpoint}`];
      });
    case 'attach-resource': {
      const charm = charmOf(first);
      const name = keyOf(others[0] ?? '');
      return charm === undefined || name in charm.resources ? [] : [`${charm.name} has no resource ${name}`];
    }
    case 'deploy':
    case 'refresh':
      return deployMistakes(values, charmOf(others[0] ?? '') ?? charmOf(first) ?? charmInFile(first, charms));
    default:
      return [];
  }
}

function charmInFile(path: string, charms: Knowledge['charms']): Charm | undefined {
  return [...charms.values()].find(({ name }) => path.includes(name));
}

function deployMistakes(values: Parsed['values'], charm: Charm | undefined): string[] {
  if (charm === undefined) return [];
  return values.flatMap(([option, text]) => {
    const name = keyOf(text);
    if (option === '--config' && text.includes('=')) return settingMistakes([name], charm);
    if (option === '--resource' && !(name in charm.resources))
      return [`${charm.name} has no resource ${name}`];
    if (option === '--storage' && !(name in charm.storage)) return [`${charm.name} has no storage ${name}`];
    return [];
  });
}

function settingMistakes(keys: readonly string[], charm: Charm | undefined): string[] {
  if (charm === undefined) return [];
  return keys
    .filter((key) => !(key in charm.config.options))
    .map((key) => `${charm.name} has no setting ${key}`);
}

function actionMistakes([name = '', ...parameters]: readonly string[], charm: Charm | undefined): string[] {
  if (charm === undefined || name === '…') return [];
  const action = charm.actions[name];
  if (action === undefined) return [`${charm.name} has no action ${name}`];
  const given = parameters.map(keyOf);
  const unknown = given.filter((key) => !(key in action.params) && key !== '…');
  const missing = given.includes('…') ? [] : action.required.filter((key) => !given.includes(key));
  return [
    ...unknown.map((key) => `the action ${name} of ${charm.name} has no parameter ${key}`),
    ...missing.map((key) => `the action ${name} of ${charm.name} wants the parameter ${key}`),
  ];
}

function keyOf(text: string): string {
  return text.split('=')[0] ?? '';
}
