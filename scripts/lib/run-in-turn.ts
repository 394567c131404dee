/** Runs test files one after the other, for those that use machines of which there is one, such as LXD. */
import { fileHeader, stillRunning } from './messages.ts';
import { type FileOutcome, runTestFile } from './run-test-file.ts';

const heartbeatMilliseconds = 60_000;

export interface InTurn {
  readonly root: string;
  /** Relative to the root. */
  readonly files: readonly string[];
  /** A file that takes longer is killed. */
  readonly limitMilliseconds: number;
  /** Clears away what a file has left behind. */
  readonly afterEach?: () => Promise<void>;
}

/** Prints what each has said, and that one still runs when it takes long. */
export async function runInTurn(order: InTurn): Promise<FileOutcome[]> {
  const { root, files, limitMilliseconds, afterEach } = order;
  const outcomes: FileOutcome[] = [];
  for (const [index, path] of files.entries()) {
    const started = performance.now();
    const heartbeat = setInterval(
      () => console.error(stillRunning([path], performance.now() - started)),
      heartbeatMilliseconds,
    );
    const outcome = await runTestFile(root, path, limitMilliseconds);
    clearInterval(heartbeat);
    await afterEach?.();
    console.log(fileHeader(index + 1, files.length, path, outcome.milliseconds));
    process.stdout.write(outcome.output);
    outcomes.push(outcome);
  }
  return outcomes;
}
