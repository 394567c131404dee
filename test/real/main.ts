/** `npm run test:real`: the comparison on all releases of both packages, once with each of them as the main line. */
import { moreItertools, six } from './corpora.ts';
import { prepareInput } from './input.ts';
import { messages } from './messages.ts';
import { runScenario } from './scenario.ts';

const started = performance.now();
function tell(line: string): void {
  console.log(`${messages.since(performance.now() - started)} ${line}`);
}

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
const input = await prepareInput([...six.releases, ...moreItertools.releases], tell);
const scenarios = [
  { main: six, beside: moreItertools },
  { main: moreItertools, beside: six },
].map(async ({ main, beside }) => {
  const releases = beside.releases.slice(0, main.releases.length);
  const onProgress = (line: string): void => tell(`${main.project}: ${line}`);
  const { signal } = stop;
  return await runScenario({ main, beside: { ...beside, releases }, ...input, onProgress, signal });
});
const outcomes = await Promise.allSettled(scenarios);
const findings = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value : []));
const failed = findings.flatMap(({ what, mistake }) => (mistake === undefined ? [] : [{ what, mistake }]));
for (const { what, mistake } of failed) console.log(messages.mistake(what, mistake));
const broken = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
if (!stop.signal.aborted) for (const reason of broken) console.log(reason);
console.log(messages.outcome(findings.length - failed.length, failed.length + broken.length));
process.exitCode = stop.signal.aborted ? 130 : failed.length + broken.length === 0 ? 0 : 1;
