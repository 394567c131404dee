import { minimal, testReports, text } from '../testing/reports.ts';

testReports([
  {
    name: 'the same names in two files',
    files: {
      'a.yaml': text`
        project: p
        repository: /srv/p
        images: { base: { base: 'ubuntu:20.04' } }
        builders:
          py3.11: { branch: main, host: true, steps: [make] }
          same: { branch: main, host: true, steps: [make] }
      `,
      'b.yaml': text`
        project: p
        repository: /srv/q
        images: { base: { base: 'ubuntu:22.04' } }
        builders:
          py3_11: { branch: main, host: true, steps: [make] }
          same: { branch: main, host: true, steps: [make] }
      `,
    },
    report: [
      'b.yaml:1:10: found the project "p" a second time, after a.yaml:1; write another name: Buildbot has one project of a name',
      'b.yaml:3:11: found the image "base" with another base or flavor than at a.yaml:3; write the same as there, or another name: workers have one image of a name',
      'b.yaml:5:3: found the builder "py3_11", which would build in the directory of "py3.11" at a.yaml:5; write another name, one that differs in more than `.` and `_`',
      'b.yaml:6:3: found the builder "same" a second time, after a.yaml:6; write another name: Buildbot has one builder of a name',
    ],
  },
  {
    name: 'two files that move the same branch of one repository',
    files: {
      'a.yaml': text`
        project: a
        repository: https://git.example.org/p
        builders: { a: { branch: main, host: true, steps: [make] } }
        promotions: [{ from: main, to: stable }]
        merges: [{ from: stable, into: db }]
      `,
      'b.yaml': text`
        project: b
        repository: https://mirror.example.org/p
        push: git@git.example.org:p.git
        builders: { b: { branch: db, host: true, steps: [make] } }
        promotions: [{ from: db, to: stable }, { from: db, to: db-stable }]
        merges: [{ from: db-stable, into: main }, { from: stable, into: db }]
      `,
    },
    report: [
      'b.yaml:5:14: found a circle of automatic moves: stable -> db -> stable; write `schedule: manual` at one of its merges, or leave one of the moves out',
      'b.yaml:5:30: found a second promotion to "stable", after a.yaml:4; write another branch: two promotions would undo each other',
      'b.yaml:6:10: found a circle of automatic moves: main -> stable -> db -> db-stable -> main; write `schedule: manual` at one of its merges, or leave one of the moves out',
      'b.yaml:6:65: found the merge from "stable" into "db" a second time, after a.yaml:5; write it once',
    ],
  },
  {
    name: 'a broken file does not hide the mistakes of another',
    files: {
      'a.yaml': text`
        project: "a
      `,
      'b.yaml': text`
        project: b
        repository: /srv/b
        builders: { b: { branch: main, host: true } }
      `,
    },
    report: [
      'a.yaml:2:1: found a mistake in the YAML (Missing closing "quote); write what is missing',
      'b.yaml:3:13: found no `steps`; write `steps:` with a list of at least one step, such as `[make check]`',
    ],
  },
  {
    name: 'names of files cannot give orders to a terminal either',
    files: {
      '\x1b[31ma.yaml': minimal,
      'b\n.yaml': minimal,
    },
    report: [
      'bU+000A.yaml:1:10: found the project "p" a second time, after U+001B[31ma.yaml:1; write another name: Buildbot has one project of a name',
      'bU+000A.yaml:3:13: found the builder "b" a second time, after U+001B[31ma.yaml:3; write another name: Buildbot has one builder of a name',
    ],
  },
]);
