import { minimal, testReports, text } from '../testing/reports.ts';

testReports([
  {
    name: 'an empty file',
    file: '',
    report: [
      'pipeline.yaml:1:1: found an empty file; write a map with `project`, `repository` and `builders`',
    ],
  },
  {
    name: 'a text that is no pipeline',
    file: text`
      hello
    `,
    report: ['pipeline.yaml:1:1: found "hello"; write a map with `project`, `repository` and `builders`'],
  },
  {
    name: 'a tab in the indentation',
    file: text`
      project: p
      builders:
      \tb: {}
    `,
    report: ['pipeline.yaml:3:1: found a tab in the indentation; write spaces for the indentation'],
  },
  {
    name: 'a bracket that is not closed',
    file: text`
      builders: { b: { branch: main
      project: p
    `,
    report: [
      'pipeline.yaml:2:1: found a mistake in the YAML (Flow map in block collection must be sufficiently indented and end with a }); write the lines of one map or list at the same indentation, or the closing bracket that is missing before',
    ],
  },
  {
    name: 'a quote that is not closed',
    file: text`
      project: "p
      repository: /srv/p
    `,
    report: [
      'pipeline.yaml:3:1: found a mistake in the YAML (Missing closing "quote); write what is missing',
    ],
  },
  {
    name: 'a cron expression without quotes',
    file: text`
      merges:
        - { from: a, into: b, schedule: */10 * * * * }
    `,
    report: [
      'pipeline.yaml:2:40: found a mistake in the YAML (Unexpected alias at node end); write the value in quotes, if all of it is one text',
    ],
  },
  {
    name: 'a missing colon',
    file: text`
      project p
      repository: /srv/p
    `,
    report: [
      'pipeline.yaml:1:1: found a mistake in the YAML (Implicit keys need to be on a single line); write a colon and a space after the key, on the same line',
    ],
  },
  {
    name: 'a value with a colon in it',
    file: text`
      project: p: q
    `,
    report: [
      'pipeline.yaml:1:10: found a mistake in the YAML (Nested mappings are not allowed in compact mappings); write the value in quotes, or the inner map on lines of its own',
    ],
  },
  {
    name: 'the same key twice',
    file:
      minimal +
      text`
      project: again
    `,
    report: ['pipeline.yaml:4:1: found the key "project" a second time, after line 1; write it once'],
  },
  {
    name: 'two documents',
    file: `${minimal}---\n${minimal}`,
    report: [
      'pipeline.yaml:4:1: found a second YAML document; write one project a file, without `---` between',
    ],
  },
  {
    name: 'a tag, which other programs take for an order',
    file:
      minimal +
      text`
      notify: !!python/object:os.system {}
    `,
    report: [
      'pipeline.yaml:4:35: found the tag "tag:yaml.org,2002:python/object:os.system"; write the value without a tag',
    ],
  },
  {
    name: 'a YAML version that reads values otherwise',
    file: '%YAML 1.1\n---\nMIN',
    report: ['pipeline.yaml:1:1: found a YAML directive; write the file without lines that start with `%`'],
  },
  {
    name: 'a merge key',
    file:
      minimal +
      text`
      images: { a: &a { base: 'ubuntu:24.04' }, b: { <<: *a } }
    `,
    report: [
      'pipeline.yaml:4:43: found no `base`; write `base:` with an image of an LXD server, such as `"ubuntu:24.04"`, or the name of another image of this file',
      'pipeline.yaml:4:48: found the merge key `<<`; write the keys out: merge keys are not taken',
    ],
  },
  {
    name: 'an alias of nothing',
    file:
      minimal +
      text`
      promotions: *later
    `,
    report: [
      'pipeline.yaml:4:13: found the alias "*later" of nothing; write the value out, or `&later` before an earlier value',
    ],
  },
  {
    name: 'an alias inside its own value',
    file:
      minimal +
      text`
      promotions: &p [*p]
    `,
    report: ['pipeline.yaml:4:17: found the alias "*p" inside its own value; write the value out'],
  },
  {
    name: 'a key that is a list',
    file: text`
      ? [a, b]
      : c
    `,
    report: ['pipeline.yaml:1:3: found a key that is not a name; write a name as the key'],
  },
  {
    name: 'a key that JavaScript would take for an order',
    file:
      minimal +
      text`
      __proto__: { testfix: true }
      constructor: x
    `,
    report: [
      'pipeline.yaml:4:1: found the key `__proto__`; write another key',
      'pipeline.yaml:5:1: found the unknown key "constructor"; write one of `project`, `repository`, `push`, `poll`, `images`, `builders`, `promotions`, `merges`, `testfix`, `notify`',
    ],
  },
  {
    name: 'a NUL byte and an escape sequence for the terminal',
    file:
      minimal +
      text`
      # \x00
      # \x1b[31m red
    `,
    report: [
      'pipeline.yaml:4:3: found the invisible character U+0000; write the text without it',
      'pipeline.yaml:5:3: found the invisible character U+001B; write the text without it',
    ],
  },
  {
    name: 'the same as escapes',
    file:
      minimal +
      text`
      notify: "\\0"
    `,
    report: ['pipeline.yaml:4:9: found the invisible character U+0000; write the text without it'],
  },
  {
    name: 'text that runs backwards',
    file:
      minimal +
      text`
      # \u202e
    `,
    report: ['pipeline.yaml:4:3: found the invisible character U+202E; write the text without it'],
  },
  {
    name: 'line ends of a Mac of 1999',
    file: 'project: p\x0drepository: /srv/p\x0d',
    report: [
      'pipeline.yaml:1:11: found the invisible character U+000D; write lines that end in LF or CRLF',
      'pipeline.yaml:1:30: found the invisible character U+000D; write lines that end in LF or CRLF',
    ],
  },
]);
