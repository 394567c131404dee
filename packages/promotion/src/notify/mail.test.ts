import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { makeCertificates } from '../../../../test/support/https-server.ts';
import { MailServer, type MailServerOptions } from '../../../../test/support/mail-server.ts';
import { createMail } from './mail.ts';
import type { MailMessage } from './outbox.ts';
import type { Outcome } from './sender.ts';

describe('mail', () => {
  let directory: string;
  let passwordFile: string;
  let tls: NonNullable<MailServerOptions['tls']>;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lpbuildbot-mail-'));
    passwordFile = join(directory, 'password');
    await writeFile(passwordFile, 'hunter2\n');
    await makeCertificates(directory);
    const [key, cert] = await Promise.all(
      ['server.key', 'server.pem'].map((name) => readFile(join(directory, name), 'utf8')),
    );
    tls = { key: key ?? '', cert: cert ?? '' };
  });
  after(() => rm(directory, { recursive: true }));

  const conflict: MailMessage = {
    kind: 'mail',
    key: 'k',
    at: Date.parse('2026-11-27T02:10:00Z'),
    to: ['ada@example.org', 'grace@example.org'],
    subject: '[demo] Conflict: stäble into db-devel',
    text: 'From here on:\n.\n    lib/größe.py\n\n-- \nSent by lpbuildbot\n',
    id: 'c0ffee',
  };
  const send = async (
    { port }: MailServer,
    mail: MailMessage = conflict,
    change: Partial<Parameters<typeof createMail>[0]> & {
      readonly host?: string;
      readonly secure?: boolean;
    } = {},
  ): Promise<Outcome> => {
    const { host = '127.0.0.1', secure = false, ...rest } = change;
    const outcome = await createMail({
      server: { host, port, secure },
      from: 'lpbuildbot@buildbot.example.org',
      login: undefined,
      caFile: undefined,
      timeoutMs: 400,
      ...rest,
    })(mail);
    assert.equal(JSON.stringify(outcome).includes('hunter2'), false, 'the password is a secret');
    return outcome;
  };
  const login = () => ({ user: 'robot', passwordFile });
  const known = { user: 'robot', password: 'hunter2' };

  it('has the headers that people and programs go by', async () => {
    await using server = await MailServer.start();
    assert.deepEqual(await send(server), { kind: 'sent' });
    await send(server, { ...conflict, id: 'f00d', answers: 'c0ffee', subject: 'Re: it' });
    const [first, second] = server.mails;
    assert.deepEqual(
      [first?.from, first?.to],
      ['lpbuildbot@buildbot.example.org', ['ada@example.org', 'grace@example.org']],
    );
    const header = (name: string) => first?.headers.get(name);
    assert.equal(header('message-id'), '<c0ffee@buildbot.example.org>');
    assert.equal(header('auto-submitted'), 'auto-generated');
    assert.equal(header('date'), 'Fri, 27 Nov 2026 02:10:00 +0000');
    assert.equal(header('to'), 'ada@example.org, grace@example.org');
    assert.match(header('subject') ?? '', /^=\?UTF-8\?Q\?=5Bdemo=5D_Conflict=3A_st=C3=A4ble/);
    assert.match(header('content-type') ?? '', /^text\/plain; charset=utf-8/);
    assert.equal(first?.headers.has('in-reply-to'), false);
    assert.equal(second?.headers.get('in-reply-to'), '<c0ffee@buildbot.example.org>');
    assert.equal(second?.headers.get('references'), '<c0ffee@buildbot.example.org>');
    // A line of one dot ends a mail (RFC 5321, 4.5.2), and "From " a mailbox's.
    assert.match(
      first?.body ?? '',
      /^From here on:\n\.\n {4}lib\/gr=C3=B6=C3=9Fe\.py\n\n-- *(=20)?\nSent by lpbuildbot\n/,
    );
  });

  it('gives no header to what a subject brings with it', async () => {
    await using server = await MailServer.start();
    const subject = 'Conflict\r\nBcc: eve@example.org\r\n\r\nBuy this';
    assert.deepEqual(await send(server, { ...conflict, subject }), { kind: 'sent' });
    const [mail] = server.mails;
    assert.equal(mail?.headers.has('bcc'), false);
    assert.equal(mail?.to.length, 2);
    assert.match(mail?.body ?? '', /^From here on/);
  });

  it('is sent encrypted where the server can, and with a password nowhere else', async () => {
    await using server = await MailServer.start({ login: known, tls });
    const caFile = join(directory, 'ca.pem');
    assert.deepEqual(await send(server, conflict, { login: login(), caFile }), { kind: 'sent' });
    const unknown = await send(server, conflict, { login: login() });
    assert.ok(unknown.kind === 'later', 'an authority that nobody knows');
    await using plain = await MailServer.start({ login: known });
    // This machine, by an address that does not say so.
    const clear = await send(plain, conflict, { login: login(), host: '0.0.0.0' });
    assert.ok(clear.kind === 'later');
    assert.equal(plain.mails.length, 0);
    assert.deepEqual(await send(plain, conflict, { login: login() }), { kind: 'sent' });
  });

  it('is sent to servers that are encrypted from the start', async () => {
    await using server = await MailServer.start({ tls, secure: true });
    const caFile = join(directory, 'ca.pem');
    assert.deepEqual(await send(server, conflict, { secure: true, caFile }), { kind: 'sent' });
  });

  it('waits when the password is wrong or not there, and goes when it is mended', async () => {
    await using server = await MailServer.start({ login: { ...known, password: 'another' } });
    assert.deepEqual(await send(server, conflict, { login: login() }), {
      kind: 'later',
      why: 'declined',
      reason: '127.0.0.1 does not accept the user and the password (535)',
    });
    const gone = { user: 'robot', passwordFile: join(directory, 'gone') };
    const outcome = await send(server, conflict, { login: gone });
    assert.ok(outcome.kind === 'later' && outcome.why === 'declined');
    assert.match(outcome.reason, /gone/);
  });

  it('waits while the server is away, hangs, or says not now', async () => {
    const server = await MailServer.start();
    server.setFault('hanging');
    const hanging = await send(server);
    assert.ok(hanging.kind === 'later' && hanging.why === 'unreachable', JSON.stringify(hanging));
    server.setFault({ refuses: 'text', code: 451 });
    assert.deepEqual(await send(server), {
      kind: 'later',
      why: 'failing',
      reason: '127.0.0.1: 451 not here',
    });
    server.setFault({ refuses: 'sender', code: 550 });
    const sender = await send(server);
    assert.ok(sender.kind === 'later' && sender.why === 'declined', 'the next one would be declined, too');
    server.setFault({ refuses: 'connection', code: 554 });
    const connection = await send(server);
    assert.ok(connection.kind === 'later', JSON.stringify(connection));
    await server.down();
    const away = await send(server);
    assert.ok(away.kind === 'later' && away.why === 'unreachable');
    assert.match(away.reason, /ECONNREFUSED/);
  });

  it('is refused for good only by what is its own', async () => {
    await using server = await MailServer.start();
    server.setFault({ refuses: 'text', code: 554 });
    assert.deepEqual(await send(server), { kind: 'refused', reason: '127.0.0.1: 554 not here' });
    server.setFault({ refuses: { recipient: 'ada@example.org' }, code: 550 });
    assert.deepEqual(await send(server), { kind: 'sent', note: 'not taken for ada@example.org' });
    assert.deepEqual(server.mails[0]?.to, ['grace@example.org']);
    const alone = await send(server, { ...conflict, to: ['ada@example.org'] });
    assert.equal(alone.kind, 'refused');
  });
});
