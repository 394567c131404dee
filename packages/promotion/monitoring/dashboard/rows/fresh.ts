/** The first row: is each stable branch fresh, and if not, why. */
import { BigValueTextMode, MappingType, type ValueMapping, VizOrientation } from '@grafana/schema';
import type { Row } from '../layout.ts';
import { graph, type Step, stat, timeline } from '../panels.ts';
import { table } from '../table.ts';

const pairs = '{project=~"$project"}';
const PAIR = 'project, from, to';
const name = '{{from}} → {{to}}';

/** In which states a pair is how well, from good to bad; the words are those of `lpbuildbot-promotion status`. */
const health = [
  { text: 'fresh', colour: 'green', states: ['up to date', 'scheduled'] },
  { text: 'moving', colour: 'light-blue', states: ['moving', 'merging'] },
  { text: 'waiting', colour: 'yellow', states: ['waiting'] },
  { text: 'unknown', colour: 'text', states: ['unknown'] },
  { text: 'held', colour: 'purple', states: ['held'] },
  {
    text: 'broken',
    colour: 'red',
    states: ['conflict', 'diverged', 'missing', 'unrelated', 'refused', 'unreachable'],
  },
] as const;

const colours = Object.fromEntries(
  health.flatMap(({ states, colour }) => states.map((one) => [one, colour])),
);

const inWords: ValueMapping = {
  type: MappingType.ValueToText,
  options: Object.fromEntries(
    health.map(({ text, colour }, index) => [String(index), { text, color: colour, index }]),
  ),
};

const healthNumber = health
  .map(({ states }, index) => {
    const selector = `project=~"$project", state=~"${states.join('|')}"`;
    return `lpbuildbot_pair_state{${selector}} * ${index}`;
  })
  .join(' or ');

/** As the alerts have it. */
const waitingSteps: readonly Step[] = [
  [null, 'green'],
  [3600, 'yellow'],
  [6 * 3600, 'orange'],
  [24 * 3600, 'red'],
];
const fresh: ValueMapping = {
  type: MappingType.RangeToText,
  options: { from: null, to: 0.5, result: { text: 'fresh', index: 0 } },
};

const promotions = `and on (instance, ${PAIR}) lpbuildbot_pair_state{kind="promotion"}`;
const waitingTime = `(time() - lpbuildbot_pair_waiting_since_timestamp_seconds${pairs})`;

export const freshRow: Row = {
  title: 'Is each stable branch fresh, and if not, why?',
  panels: [
    stat(
      {
        title: 'How long commits have waited for each stable branch',
        description:
          'Green is fresh. It turns yellow after an hour, orange after six (an alert), red after a day. To learn why: lpbuildbot-promotion explain BRANCH.',
        width: 16,
        height: 5,
        unit: 's',
        decimals: 0,
        thresholds: waitingSteps,
        mappings: [fresh],
        queries: [
          {
            expr: `max by (${PAIR}) ((${waitingTime} or lpbuildbot_pair_behind_commits${pairs} == 0) ${promotions})`,
            legend: `{{project}}: ${name}`,
            kind: 'instant',
          },
        ],
      },
      { textMode: BigValueTextMode.ValueAndName, orientation: VizOrientation.Vertical },
    ),
    stat({
      title: 'Pairs that need somebody',
      description:
        'In conflict, diverged, missing, refused or out of reach: nothing moves until a person has done something. The table below says which.',
      width: 4,
      height: 5,
      thresholds: [
        [null, 'green'],
        [1, 'red'],
      ],
      queries: [
        {
          expr: 'count(lpbuildbot_pair_state{project=~"$project", state=~"conflict|diverged|missing|unrelated|refused|unreachable"}) or vector(0)',
          kind: 'instant',
        },
      ],
    }),
    stat({
      title: 'Pairs that are held',
      description:
        'Stopped by somebody. A hold of more than a day is an alert; lpbuildbot-promotion resume FROM TO ends it.',
      width: 4,
      height: 5,
      thresholds: [
        [null, 'green'],
        [1, 'purple'],
      ],
      queries: [
        { expr: `count(lpbuildbot_pair_held_since_timestamp_seconds${pairs}) or vector(0)`, kind: 'instant' },
      ],
    }),
    table({
      title: 'Why',
      description:
        'Each pair in a line, with the word that lpbuildbot-promotion status has for it. Red builders want a commit that mends them; those that are not built want a worker.',
      width: 24,
      height: 8,
      labels: { project: 'Project', from: 'From', to: 'To', state: 'State' },
      coloured: { title: 'State', colours },
      columns: [
        { title: undefined, expr: `max by (${PAIR}, state) (lpbuildbot_pair_state${pairs})` },
        {
          title: 'Commits waiting',
          expr: `max by (${PAIR}) (lpbuildbot_pair_behind_commits${pairs})`,
          decimals: 0,
        },
        {
          title: 'Waiting for',
          expr: `max by (${PAIR}) (${waitingTime})`,
          unit: 's',
          decimals: 0,
          thresholds: waitingSteps,
        },
        ...(['red', 'running', 'not-built', 'neither'] as const).map((state) => ({
          title: `Builders ${state}`,
          expr: `max by (${PAIR}) (lpbuildbot_pair_blockers{project=~"$project", state="${state}"})`,
          decimals: 0,
        })),
        {
          title: 'Files in conflict',
          expr: `max by (${PAIR}) (lpbuildbot_pair_conflicting_files${pairs})`,
          decimals: 0,
        },
        {
          title: 'Held for',
          expr: `max by (${PAIR}) (time() - lpbuildbot_pair_held_since_timestamp_seconds${pairs})`,
          unit: 's',
          decimals: 0,
        },
        {
          title: 'Last move',
          expr: `max by (${PAIR}) (time() - lpbuildbot_pair_last_move_timestamp_seconds${pairs})`,
          unit: 's',
          decimals: 0,
        },
      ],
    }),
    timeline({
      title: 'What was the case',
      description:
        'How each pair was doing. Long stretches of yellow are slow builds or too few workers; red needed a person.',
      width: 24,
      height: 7,
      mappings: [inWords],
      queries: [{ expr: `max by (${PAIR}) (${healthNumber})`, legend: `{{project}}: ${name}` }],
    }),
    graph({
      title: 'Commits that wait',
      description:
        'How many commits each branch has not got yet. A saw is healthy; a stair that only goes up is not.',
      width: 12,
      height: 8,
      decimals: 0,
      queries: [
        { expr: `max by (${PAIR}) (lpbuildbot_pair_behind_commits${pairs})`, legend: `{{project}}: ${name}` },
      ],
    }),
    graph({
      title: 'How long commits have waited',
      description:
        'Since when the oldest commit that waits has waited, by pair. The alerts come at six hours and at a day.',
      width: 12,
      height: 8,
      unit: 's',
      queries: [{ expr: `max by (${PAIR}) ${waitingTime}`, legend: `{{project}}: ${name}` }],
    }),
    graph({
      title: 'Age of the tips',
      description:
        'How old the commit at the tip of each branch is. A quiet project has old tips and is fresh all the same.',
      width: 24,
      height: 7,
      unit: 's',
      queries: [
        {
          expr: `max by (project, branch) (time() - lpbuildbot_branch_tip_timestamp_seconds${pairs})`,
          legend: '{{project}}: {{branch}}',
        },
      ],
    }),
  ],
};
