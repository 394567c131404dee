import assert from 'node:assert/strict';
import { test } from 'node:test';
import { text } from '../testing/reports.ts';
import { compile } from './compile.ts';
import { formatMistakes } from './mistake.ts';
import { readPipelines } from './read.ts';

test('steps run in the image, or on the worker itself', () => {
  const reading = readPipelines([
    {
      file: 'p.yaml',
      text: text`
        project: p
        repository: https://git.example.org/p
        push: git@git.example.org:p
        poll: 5m
        images: { noble: { base: "ubuntu:24.04" } }
        builders:
          boxed: { branch: main, image: noble, steps: [make && make check] }
          bare: { branch: db, host: true, steps: [{ run: "cd x\\nmake", timeout: 10m }] }
        testfix: true
      `,
    },
  ]);
  if (reading.kind === 'refused') throw new Error(formatMistakes(reading.mistakes));
  assert.deepEqual(compile(reading.pipelines), {
    format: 1,
    projects: [
      {
        name: 'p',
        repository: 'https://git.example.org/p',
        push: 'git@git.example.org:p',
        pollSeconds: 300,
        testfix: true,
        builders: [
          {
            name: 'boxed',
            branch: 'main',
            image: 'noble',
            steps: [
              {
                name: 'make && make check',
                command: [
                  ...['lpbuildbot-run', '--image', 'noble', '--bind', '.', '--'],
                  ...['/bin/sh', '-c', 'make && make check'],
                ],
                timeoutSeconds: null,
              },
            ],
          },
          {
            name: 'bare',
            branch: 'db',
            image: null,
            steps: [{ name: 'cd x', command: ['/bin/sh', '-c', 'cd x\nmake'], timeoutSeconds: 600 }],
          },
        ],
      },
    ],
  });
});
