import { testReports, text, twoBranches } from '../testing/reports.ts';

testReports([
  {
    name: 'promotions of branches that nothing builds',
    file:
      twoBranches +
      text`
      promotions:
        - { from: man, to: stable }
        - { from: stable, to: production }
    `,
    report: [
      'pipeline.yaml:7:13: found the branch "man", which no builder of this file builds; write `main`, or add a builder for it',
      'pipeline.yaml:8:13: found the branch "stable", which no builder of this file builds; write a branch that is built, or add a builder for it',
    ],
  },
  {
    name: 'promotions that require the wrong builders',
    file:
      twoBranches +
      text`
      promotions:
        - { from: main, to: stable, requires: [won, two, one, one] }
        - { from: db, to: db-stable, requires: [] }
    `,
    report: [
      'pipeline.yaml:7:42: found the builder "won", which this file does not have; write `one`, or another builder of `from`',
      'pipeline.yaml:7:47: found the builder "two", which builds "db"; write a builder of "main": only those test what is promoted',
      'pipeline.yaml:7:57: found the builder "one" a second time; write it once',
      'pipeline.yaml:8:42: found an empty list; write a list of at least one builder of `from`, or leave it out to require all of them',
    ],
  },
  {
    name: 'two promotions to one branch, and one twice',
    file:
      twoBranches +
      text`
      promotions:
        - { from: main, to: stable }
        - { from: db, to: stable }
        - { from: main, to: stable }
    `,
    report: [
      'pipeline.yaml:8:21: found a second promotion to "stable", after pipeline.yaml:7; write another branch: two promotions would undo each other',
      'pipeline.yaml:9:23: found the promotion from "main" to "stable" a second time, after pipeline.yaml:7; write it once',
    ],
  },
  {
    name: 'moves from a branch to itself',
    file:
      twoBranches +
      text`
      promotions: [{ from: main, to: main }]
      merges: [{ from: db, into: db, schedule: manual }]
    `,
    report: [
      'pipeline.yaml:6:32: found a promotion from "main" to itself; write two different branches',
      'pipeline.yaml:7:28: found a merge from "db" into itself; write two different branches',
    ],
  },
  {
    name: 'merges that nothing tests',
    file:
      twoBranches +
      text`
      merges:
        - { from: mian, into: db, schedule: manual }
        - { from: main, into: bd, schedule: manual }
    `,
    report: [
      'pipeline.yaml:7:13: found the branch "mian", which nothing builds or promotes; write `main`, or add a builder for it',
      'pipeline.yaml:8:25: found the branch "bd", which nothing builds; write `db`, or add a builder for it: a merge has to be tested too',
    ],
  },
  {
    name: 'a merge into a promoted branch',
    file:
      twoBranches +
      text`
      promotions: [{ from: main, to: stable }]
      merges: [{ from: db, into: stable, schedule: manual }]
    `,
    report: [
      'pipeline.yaml:7:28: found a merge into "stable", which a promotion moves; write a development branch: a promoted branch takes only tested revisions',
    ],
  },
  {
    name: 'a merge after a promotion that there is not',
    file:
      twoBranches +
      text`
      merges:
        - { from: main, into: db }
        - { from: db, into: main, schedule: promotion }
    `,
    report: [
      'pipeline.yaml:7:5: found no `schedule`, but no promotion to "main"; write `schedule: manual`, or five cron fields such as `"*/10 * * * *"`',
      'pipeline.yaml:8:5: found a circle of automatic moves: main -> db -> main; write `schedule: manual` at one of its merges, or leave one of the moves out',
      'pipeline.yaml:8:39: found the schedule `promotion`, but no promotion to "db"; write `schedule: manual`, or five cron fields such as `"*/10 * * * *"`',
    ],
  },
  {
    name: 'a merge twice',
    file:
      twoBranches +
      text`
      merges:
        - { from: main, into: db, schedule: manual }
        - { from: main, into: db, schedule: manual }
    `,
    report: [
      'pipeline.yaml:8:25: found the merge from "main" into "db" a second time, after pipeline.yaml:7; write it once',
    ],
  },
  {
    name: 'a circle of automatic moves',
    file:
      twoBranches +
      text`
      promotions:
        - { from: main, to: stable }
        - { from: db, to: db-stable }
      merges:
        - { from: stable, into: db }
        - { from: db-stable, into: main, schedule: '0 4 * * *' }
    `,
    report: [
      'pipeline.yaml:11:5: found a circle of automatic moves: main -> stable -> db -> db-stable -> main; write `schedule: manual` at one of its merges, or leave one of the moves out',
    ],
  },
]);
