/** `npm run test:real`: the comparison on all releases of both packages, once with each of them as the main line. */
import { moreItertools, six } from './corpora.ts';
import { prepareInput } from './input.ts';
import { messages } from './messages.ts';
import { runScenario } from './scenario.ts';

const started = performance.now();
function tell(line: string): void {
  console.log(`${messages.since(performance.now() - started)} ${line}`);
}

const input = await prepareInput([...six.releases, ...moreItertools.releases], tell);
const scenarios = [
  { main: six, beside: moreItertools },
  { main: moreItertools, beside: six },
].map(async ({ main, beside }) => {
  const releases = beside.releases.slice(0, main.releases.length);
  const onProgress = (line: string): void => tell(`${main.project}: ${line}`);
  return await runScenario({ main, beside: { ...beside, releases }, ...input, onProgress });
});
const findings = (await Promise.all(scenarios)).flat();
const failed = findings.flatMap(({ what, mistake }) => (mistake === undefined ? [] : [{ what, mistake }]));
for (const { what, mistake } of failed) console.log(messages.mistake(what, mistake));
console.log(messages.outcome(findings.length - failed.length, failed.length));
process.exitCode = failed.length === 0 ? 0 : 1;
