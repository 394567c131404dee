/** What the page's side of HTTP answers to those who mean no good, or only are not browsers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PromotionStage } from '../../../test/support/promotion-stage.ts';

const pair = 'demo: master -> stable';

class Visitor {
  readonly stage: PromotionStage;
  readonly origin: string;

  constructor(stage: PromotionStage) {
    this.stage = stage;
    this.origin = `http://127.0.0.1:${stage.port}`;
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return fetch(`${this.origin}/${path}`, {
      headers: { connection: 'close', ...headers },
      redirect: 'manual',
    });
  }

  post(
    path: string,
    form: Readonly<Record<string, string>> | string,
    headers: Readonly<Record<string, string>>,
  ): Promise<Response> {
    const body = typeof form === 'string' ? form : new URLSearchParams(form).toString();
    const all = { connection: 'close', 'content-type': 'application/x-www-form-urlencoded', ...headers };
    return fetch(`${this.origin}/${path}`, { method: 'POST', headers: all, body, redirect: 'manual' });
  }

  /** Holds as the page's own form does. */
  async hold(change: Readonly<Record<string, string>> = {}, headers: Readonly<Record<string, string>> = {}) {
    const form = {
      verb: 'hold',
      pair,
      why: 'a test',
      how: 'token',
      token: await this.stage.token(),
      who: 'grace',
    };
    return await this.post('act', { ...form, ...change }, { origin: this.origin, ...headers });
  }

  async held(): Promise<number> {
    return (await this.stage.audit()).filter(({ event }) => event === 'held').length;
  }
}

test('the page is small, allows nothing from elsewhere, and is packed for those who unpack', async () => {
  await using stage = await PromotionStage.create();
  await stage.start();
  const visitor = new Visitor(stage);
  const page = await visitor.get('', { 'accept-encoding': 'identity' });
  const text = await page.text();
  assert.equal(page.status, 200);
  assert.match(page.headers.get('content-type') ?? '', /^text\/html; charset=utf-8$/);
  const policy = page.headers.get('content-security-policy') ?? '';
  assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self'; /);
  assert.doesNotMatch(policy, /unsafe|\*|data:|http/);
  assert.equal(page.headers.get('x-content-type-options'), 'nosniff');
  assert.doesNotMatch(
    text,
    /<(script|style)>|\son[a-z]+="|\sstyle="|(src|href)="(https?:)?\/\/(?!127\.0\.0\.1)/,
  );

  let size = text.length;
  const assets = [...text.matchAll(/(?:src|href)="\.\/((?:page|icon)\.[^"]+)"/g)].map(
    ([, path = '']) => path,
  );
  assert.equal(assets.length, 3);
  for (const path of assets) {
    const asset = await visitor.get(path, { 'accept-encoding': 'identity' });
    assert.equal(asset.status, 200, path);
    assert.match(asset.headers.get('cache-control') ?? '', /max-age/, path);
    size += (await asset.text()).length;
  }
  assert.ok(size < 100_000, `${size} characters, nothing packed`);

  const packed = await visitor.get('', { 'accept-encoding': 'br, gzip' });
  assert.equal(packed.headers.get('content-encoding'), 'gzip');
  assert.match(await packed.text(), /<\/html>/);
  assert.equal(
    (await visitor.get('', { 'accept-encoding': 'gzip;q=0' })).headers.get('content-encoding'),
    null,
  );
});

test('only the page itself may send its forms', async () => {
  await using stage = await PromotionStage.create();
  await stage.start();
  const visitor = new Visitor(stage);
  const form = { verb: 'hold', pair, why: 'a test', how: 'token', token: await stage.token(), who: 'grace' };
  for (const origin of [
    'https://evil.example',
    'null',
    `http://127.0.0.1:${stage.port + 1}`,
    `http://127.0.0.1:${stage.port}.evil.example`,
    'not an origin',
  ]) {
    assert.equal((await visitor.post('act', form, { origin })).status, 403, origin);
  }
  assert.equal((await visitor.post('act', form, {})).status, 403, 'no origin at all');
  assert.equal(await visitor.held(), 0);

  const good = await visitor.hold();
  assert.equal(good.status, 303);
  assert.equal(await visitor.held(), 1);
  const cookie = good.headers.get('set-cookie') ?? '';
  assert.match(cookie, /; HttpOnly; SameSite=Strict; Max-Age=43200$/);
  assert.doesNotMatch(
    Buffer.from(cookie.split(/[=;]/)[1] ?? '', 'base64url').toString(),
    new RegExp(form.token),
  );

  // A stolen ride on the cookie from another site.
  const remembered = { cookie: cookie.split(';')[0] ?? '' };
  const ride = { verb: 'resume', pair, why: 'csrf', how: 'remembered' };
  assert.equal(
    (await visitor.post('act', ride, { ...remembered, origin: 'https://evil.example' })).status,
    403,
  );
  assert.equal((await visitor.post('act', ride, remembered)).status, 403);
  assert.equal((await visitor.post('act', ride, { ...remembered, origin: visitor.origin })).status, 303);
});

test('what is not a good request changes nothing, and is told in a sentence', async () => {
  await using stage = await PromotionStage.create();
  await stage.start();
  const visitor = new Visitor(stage);
  const refused = async (change: Readonly<Record<string, string>>, status: number, sentence: RegExp) => {
    const answer = await visitor.hold(change);
    assert.equal(answer.status, status);
    assert.match(await answer.text(), sentence);
  };
  await refused({ why: ' ' }, 422, /Give a reason/);
  await refused({ why: 'x'.repeat(501) }, 422, /shorter reason/);
  await refused({ who: '' }, 422, /Give your name/);
  await refused({ verb: 'burn' }, 404, /no such branch pair/);
  await refused({ pair: 'demo: master -> <b>' }, 404, /no such branch pair/);
  await refused({ token: '', how: 'remembered' }, 401, /log in again/);
  const forged = Buffer.from(`token:${Date.now() + 1e9} AAAA root`).toString('base64url');
  const cookie = { cookie: `lpbuildbot_promotion=${forged}` };
  assert.equal((await visitor.hold({ token: '', how: 'remembered' }, cookie)).status, 401);
  const headers = { origin: visitor.origin };
  assert.equal((await visitor.post('act', 'x'.repeat(100_000), headers)).status, 413);
  assert.equal(
    (await visitor.post('act', '[]', { ...headers, 'content-type': 'application/xml' })).status,
    415,
  );
  assert.equal((await visitor.get('act?verb=hold&pair=none')).status, 404);
  assert.equal((await visitor.get('?pair=none')).status, 404);
  assert.equal((await visitor.get(`?q=${encodeURIComponent('<script>'.repeat(500))}`)).status, 200);
  assert.equal(await visitor.held(), 0);

  // Guessing is slow.
  let status = 0;
  for (let attempt = 0; attempt < 20 && status !== 429; attempt += 1)
    status = (await visitor.hold({ token: `guess ${attempt}` })).status;
  assert.equal(status, 429);
  assert.equal((await visitor.hold()).status, 429, 'not even with the right one, for a minute');
  assert.equal(await visitor.held(), 0);
});

test('programs hold, resume and promote with the token alone', async () => {
  await using stage = await PromotionStage.create();
  await stage.startListening();
  const visitor = new Visitor(stage);
  const headers = { authorization: `Bearer ${await stage.token()}`, 'content-type': 'application/json' };
  const call = async (verb: string, words: object, sent: Readonly<Record<string, string>> = headers) => {
    const answer = await visitor.post(`api/${verb}`, JSON.stringify(words), sent);
    return { status: answer.status, text: await answer.text() };
  };
  const saying = { branch: 'stable', who: 'cron', why: 'nightly freeze' };
  assert.equal((await call('hold', saying, { 'content-type': 'application/json' })).status, 401);
  assert.equal((await call('hold', { branch: 'stable', who: 'cron' })).status, 400, 'no reason');
  assert.match((await call('hold', saying)).text, /"ok":true,"text":"demo: master -> stable is held/);
  const revision = await stage.commit('master', 'Green', 'success');
  await stage.says('master', 'stable', 'held', ({ verdict }) => verdict?.kind === 'held');
  const blocked = await call('promote', saying);
  assert.match(
    blocked.text,
    /"ok":false,"text":"demo: master -> stable: held; by cron/,
    'a hold is not passed over',
  );
  assert.match((await call('resume', saying)).text, /"ok":true/);
  await stage.arrives('stable', revision);
  assert.match((await call('promote', saying)).text, /"ok":true,"text":"demo: master -> stable: up to date/);
});

test('a hold that was answered holds, whatever look was under way', async () => {
  await using stage = await PromotionStage.create();
  await stage.startListening();
  const visitor = new Visitor(stage);
  const headers = { authorization: `Bearer ${await stage.token()}`, 'content-type': 'application/json' };
  const saying = JSON.stringify({ branch: 'stable', who: 'cron', why: 'freeze' });
  for (let round = 1; round <= 10; round += 1) {
    assert.equal((await visitor.post('api/hold', saying, headers)).status, 200);
    // Looks begin all the time; one of them may have read the holds before this one was there.
    const revision = await stage.commit('master', `Round ${round}`, 'success');
    await stage.says('master', 'stable', 'held, or moved all the same', ({ verdict, from }) =>
      from === revision ? verdict?.kind === 'held' || verdict?.kind === 'up-to-date' : false,
    );
    assert.notEqual(await stage.remote.tip('stable'), revision);
    assert.equal((await visitor.post('api/resume', saying, headers)).status, 200);
    await stage.arrives('stable', revision);
  }
});
