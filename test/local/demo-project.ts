/** The demo's project: a little calculator with real tests, and what its developers do to it. */

/** One thing that a developer pushes. */
export interface Commit {
  readonly kind: 'commit';
  /** Found again in the commit's message, so that a later start knows how far the story went. */
  readonly step: string;
  readonly branch: 'master' | 'db-devel';
  readonly subject: string;
  readonly files: Readonly<Record<string, string>>;
}

/** A developer who mends a conflict by merging by hand. */
export interface HandMerge {
  readonly kind: 'hand-merge';
  readonly step: string;
  readonly from: 'stable';
  readonly branch: 'db-devel';
  readonly subject: string;
  /** What the files in conflict become. */
  readonly files: Readonly<Record<string, string>>;
}

/** What has to be true before the story goes on. */
export type Wait =
  /** The branch has the step's commit. */
  | { readonly kind: 'has'; readonly branch: string; readonly step: string }
  /** A build of the step's commit has ended. */
  | { readonly kind: 'built'; readonly step: string }
  /** Buildbot has noticed the step's commit. */
  | { readonly kind: 'noticed'; readonly step: string }
  /** The merge into db-devel is in conflict. */
  | { readonly kind: 'conflict' };

export interface Scene {
  readonly push: Commit | HandMerge;
  readonly until: readonly Wait[];
}

const add = `def add(a, b):
    return a + b
`;

const testAdd = `import unittest

from calculator import add


class AddTest(unittest.TestCase):
    def test_adds(self):
        self.assertEqual(add(2, 3), 5)
`;

const testSubtract = `import unittest

from calculator import subtract


class SubtractTest(unittest.TestCase):
    def test_subtracts(self):
        self.assertEqual(subtract(5, 3), 2)
`;

/** What the repository holds before the story begins, on all four branches. */
export const firstFiles: Readonly<Record<string, string>> = {
  'README.md': '# Calculator\n',
  'calculator/__init__.py': add,
  'tests/__init__.py': '',
  'tests/test_add.py': testAdd,
};

const subtract = (body: string) => `${add}

def subtract(a, b):
    return ${body}
`;

const master = (step: string, subject: string, files: Commit['files']): Commit => {
  return { kind: 'commit', step, branch: 'master', subject, files };
};
const devel = (step: string, subject: string, files: Commit['files']): Commit => {
  return { kind: 'commit', step, branch: 'db-devel', subject, files };
};
const has = (branch: string, step: string): Wait => ({ kind: 'has', branch, step });

/** The story, in order. A scene's waits are about the state of the world, so that a later start can go on anywhere. */
export const story: readonly Scene[] = [
  {
    push: master('numbers', 'Say what numbers are', {
      'README.md': '# Calculator\n\nIt takes whole numbers.\n',
    }),
    until: [has('stable', 'numbers'), has('db-stable', 'numbers')],
  },
  {
    push: devel('table', 'Keep results in a table', {
      'schema/1.sql': 'CREATE TABLE result (value integer);\n',
    }),
    until: [has('db-stable', 'table')],
  },
  {
    push: master('subtract', 'Subtract', {
      'calculator/__init__.py': subtract('b - a'),
      'tests/test_subtract.py': testSubtract,
    }),
    until: [{ kind: 'built', step: 'subtract' }],
  },
  {
    push: master('describe', 'Describe subtraction', {
      'README.md': '# Calculator\n\nIt takes whole numbers, adds and subtracts.\n',
    }),
    until: [{ kind: 'noticed', step: 'describe' }],
  },
  {
    push: master('mend', '[testfix] Subtract the right way round', {
      'calculator/__init__.py': subtract('a - b'),
    }),
    until: [has('stable', 'mend'), has('db-stable', 'mend')],
  },
  {
    push: devel('rows', 'Describe how results are stored', {
      'README.md':
        '# Calculator\n\nIt takes whole numbers, adds and subtracts, and stores each result in a row.\n',
    }),
    until: [has('db-stable', 'rows')],
  },
  {
    push: master('fractions', 'Describe fractions', {
      'README.md': '# Calculator\n\nIt takes whole numbers and fractions, adds and subtracts.\n',
    }),
    until: [has('stable', 'fractions'), { kind: 'conflict' }],
  },
  {
    push: {
      kind: 'hand-merge',
      step: 'both',
      from: 'stable',
      branch: 'db-devel',
      subject: 'Merge stable by hand, and describe both',
      files: {
        'README.md':
          '# Calculator\n\nIt takes whole numbers and fractions, adds and subtracts, and stores each result in a row.\n',
      },
    },
    until: [has('db-stable', 'both')],
  },
];

/** After the story: one more day in the life of the project, so that a later start has something to move. */
export function anotherDay(number: number): Scene {
  const step = `day-${number}`;
  return {
    push: master(step, `Note day ${number}`, { 'notes.txt': `day ${number}\n` }),
    until: [has('stable', step), has('db-stable', step)],
  };
}

/** The demo's pipeline file. */
export function demoPipeline(repository: string, python: string): string {
  const tests = `${python} -m unittest discover --start-directory tests --top-level-directory .`;
  return `# The pipeline of the demo: what Launchpad has, in small.
project: demo
repository: ${repository}
poll: 1s
builders:
  demo-tests:
    branch: master
    host: true
    steps:
      - { name: compile, run: ${python} -m compileall -q calculator }
      - { name: test, run: ${tests}, timeout: 5m }
  demo-db-tests:
    branch: db-devel
    host: true
    steps:
      - { name: test, run: ${tests}, timeout: 5m }
promotions:
  - { from: master, to: stable }
  - { from: db-devel, to: db-stable }
merges:
  - { from: stable, into: db-devel, schedule: promotion }
  - { from: db-stable, into: master, schedule: manual }
testfix: true
`;
}
