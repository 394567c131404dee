import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isShell } from './project-files.ts';

const never = (): string => assert.fail('the first line was not needed');

test('shell is known by its name, or by its first line when the name says nothing', () => {
  assert.ok(isShell('scripts/run.sh', never));
  for (const line of [
    '#!/bin/sh',
    '#!/usr/bin/env bash',
    '#!/bin/dash -e',
    '#! /bin/bash',
    '#!/usr/bin/env -S bash -e',
  ]) {
    assert.ok(
      isShell('.ci/run', () => line),
      line,
    );
    assert.ok(
      isShell('debian/lpbuildbot-worker.postinst', () => line),
      line,
    );
  }
});

test('other programs and texts are not shell', () => {
  assert.ok(!isShell('src/main.ts', never));
  assert.ok(!isShell('image.png', never));
  for (const line of ['#!/usr/bin/env node', '#!/usr/bin/python3', '#!/usr/bin/fish', 'all: build', '']) {
    assert.ok(!isShell('debian/rules', () => line), line);
  }
});
