import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import fc from 'fast-check';
import { isAlive, type Owner, ownerHere, ownerText, parseOwner, startInStat } from './owner.ts';

test('an owner is read as it was written', () => {
  const owner = fc.record({ boot: fc.uuid(), pid: fc.nat(), started: fc.nat() }, { noNullPrototype: true });
  fc.assert(fc.property(owner, (one: Owner) => assert.deepEqual(parseOwner(ownerText(one)), one)));
});

test('what is no owner is none, instead of a process with the number 0', () => {
  for (const text of [undefined, '', 'boot', 'boot:1', 'boot:x:1', ':1:1', 'boot:1:1:1', 'boot:-1:1']) {
    assert.equal(parseOwner(text), undefined, text);
  }
});

test('this process is alive, one that ended is not, and neither is one of another boot or of another start', async () => {
  const here = await ownerHere();
  assert.ok(await isAlive(here));
  assert.ok(!(await isAlive({ ...here, boot: 'another' })));
  assert.ok(!(await isAlive({ ...here, started: here.started + 1 })));
  const child = spawn('true');
  await once(child, 'exit');
  assert.ok(!(await isAlive({ ...here, pid: child.pid ?? 0 })));
});

test("a program's name cannot pass for the fields behind it", () => {
  const fields = `S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20 21`;
  assert.equal(startInStat(`17 (sleep) ${fields}`), 4711);
  assert.equal(startInStat(`17 (a) Z 1 (b) ${fields}`), 4711);
  assert.equal(startInStat(`17 (sleep) ${fields.replace('S', 'Z')}`), undefined, 'a zombie has ended');
});
