/** What `npm run check` runs, as argument vectors; pure, so that a test can see that no file is left out. */
import { dirname } from 'node:path/posix';
import type { ProjectFiles } from './project-files.ts';
import type { PythonTools } from './python-tools.ts';

export interface Check {
  readonly name: string;
  readonly argv: readonly string[];
  /** The directory it runs in, relative to the repository. */
  readonly directory: string;
}

/** The checks that need nothing but the npm packages. */
export const nodeChecks: readonly Check[] = [
  { name: 'types', argv: ['tsc'], directory: '.' },
  { name: 'format and lint', argv: ['biome', 'ci', '--colors=off'], directory: '.' },
  { name: 'dead code', argv: ['knip', '--no-config-hints'], directory: '.' },
  {
    name: 'dependency direction',
    argv: [
      'node',
      '--disable-warning=ExperimentalWarning',
      '--test-reporter=dot',
      'test/dependency-direction.test.ts',
    ],
    directory: '.',
  },
];

/** The checks of Python, shell and reStructuredText. Without any such file there is nothing to check. */
export function pythonAndShellChecks(files: ProjectFiles, tools: PythonTools): Check[] {
  const python: Check[] = [
    { name: 'Python lint', argv: [tools.ruff, 'check', '--quiet', ...files.python], directory: '.' },
    { name: 'Python format', argv: [tools.ruff, 'format', '--check', ...files.python], directory: '.' },
    ...typeChecks(files, tools),
  ];
  const shell = { name: 'shell', argv: [tools.shellcheck, ...files.shell], directory: '.' };
  return [
    ...(files.python.length > 0 ? python : []),
    ...(files.shell.length > 0 ? [shell] : []),
    ...files.manuals.map((path) => ({
      name: `reStructuredText of ${path}`,
      argv: [tools.docutils, '--writer=null', '--report=info', '--halt=info', path],
      directory: '.',
    })),
  ];
}

/** mypy, unlike ruff, reads only the settings of the directory that it runs in. */
function typeChecks(files: ProjectFiles, tools: PythonTools): Check[] {
  const homes = files.settings.map((path) => dirname(path));
  const typed = files.python.filter((path) => !path.endsWith('.cfg'));
  const groups = Map.groupBy(typed, (path) => homeOf(path, homes));
  return [...groups].map(([home, members]) => ({
    name: home === '.' ? 'Python types' : `Python types of ${home}`,
    argv: [
      tools.mypy,
      `--python-executable=${tools.buildbotPython}`,
      ...members.map((path) => (home === '.' ? path : path.slice(home.length + 1))),
    ],
    directory: home,
  }));
}

/** The closest of the directories that the path lies in. */
function homeOf(path: string, homes: readonly string[]): string {
  const around = homes.filter((home) => home === '.' || path.startsWith(`${home}/`));
  return around.reduce((closest, home) => (home.length > closest.length ? home : closest), '.');
}
