/**
 * `npm run bench`: what issue and design give a number for, measured in one run and shown beside the limit. `npm run bench
 * -- NAME…` runs some of the parts. It ends with 0 when everything could be measured, whatever the figures; with
 * `--strict`, only when every figure is within its limit.
 */
import { changeEvents } from './change-events.ts';
import { charms } from './charms.ts';
import { containers } from './containers.ts';
import { deploy } from './deploy.ts';
import { type Figure, table } from './figures.ts';
import { idle } from './idle.ts';
import { install } from './install.ts';
import { latency } from './latency.ts';
import { page } from './page.ts';
import { scale } from './scale.ts';
import { start } from './start.ts';

/** How many promotions the latency is measured over. */
const PROMOTIONS = 200;

type Part = (say: (line: string) => void) => Promise<Figure[]>;

const parts: Readonly<Record<string, Part>> = {
  latency: (say) => latency(PROMOTIONS, say),
  events: changeEvents,
  page,
  scale,
  idle,
  start,
  containers,
  charms,
  install,
  deploy,
};

const words = process.argv.slice(2);
const strict = words.includes('--strict');
const named = words.filter((word) => !word.startsWith('--'));
const unknown = [
  ...named.filter((name) => !(name in parts)),
  ...words.filter((word) => word.startsWith('--') && word !== '--strict'),
];
if (unknown.length > 0) {
  process.stderr.write(
    `npm run bench -- [--strict] [PART...]; the parts are ${Object.keys(parts).join(', ')}\n`,
  );
  process.exit(2);
}

const figures: Figure[] = [];
for (const [name, part] of Object.entries(parts)) {
  if (named.length > 0 && !named.includes(name)) continue;
  process.stdout.write(`${name}\n`);
  const found = await part((line) => process.stdout.write(`  ${line}\n`));
  figures.push(...found);
  process.stdout.write(found.length > 0 ? `${table(found)}\n\n` : '\n');
}
process.stdout.write(`${table(figures)}\n`);
const over = figures.filter((figure) => !(figure.value <= figure.limit));
process.stdout.write(
  `${figures.length - over.length} of ${figures.length} figures are within their limits\n`,
);
process.exitCode = strict && over.length > 0 ? 1 : 0;
