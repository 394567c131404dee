/**
 * Loaded into a child with `--import`, it makes the child's clock jump: `Date` is off by as many milliseconds as the file
 * named in SHIFTED_CLOCK_FILE says at that moment. Timers go on as they are, as they do when a real clock is set.
 */
import { readFileSync } from 'node:fs';

const file = process.env.SHIFTED_CLOCK_FILE ?? '';
const realNow = Date.now;
const now = (): number => realNow() + Number(readFileSync(file, 'utf8'));

globalThis.Date = new Proxy(Date, {
  construct: (target, given, newTarget): object =>
    Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget),
  get: (target, name): unknown => (name === 'now' ? now : Reflect.get(target, name)),
});
