import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readOptions, UsageError } from './options.ts';

describe('the options of npm start', () => {
  it('have defaults', () => {
    assert.deepEqual(readOptions([]), {
      once: false,
      pipeline: undefined,
      state: undefined,
      ports: { web: 8010, workers: 9989, promotion: 8011 },
      timeoutMs: 1_800_000,
    });
  });

  for (const [args, sentence] of [
    [['--onec'], /--onec/],
    [['--web-port', '80x'], /--web-port takes a whole number from 1 to 65535, not "80x"/],
    [['--timeout', '0'], /--timeout takes a whole number from 1 to 1440, not "0"/],
    [['--pipeline'], /--pipeline/],
    [['file.yaml'], /file\.yaml/],
  ] as const) {
    it(`are refused in a sentence: ${args.join(' ')}`, () => {
      assert.throws(
        () => readOptions(args),
        (error) =>
          error instanceof UsageError && sentence.test(error.message) && error.message.includes('--help'),
      );
    });
  }
});
