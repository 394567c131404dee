/**
 * Sends mail by a site's server. nodemailer, which does that, is loaded with the first mail: most sites have conflicts seldom.
 * A mail has the same Message-ID however often it is sent, so that one that was taken twice is shown once.
 */
import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { deliveryMessages as messages } from './messages.ts';
import type { MailMessage } from './outbox.ts';
import type { Outcome } from './sender.ts';

export interface MailOptions {
  readonly server: { readonly host: string; readonly port: number; readonly secure: boolean };
  readonly from: string;
  /** The password's file is read each time. */
  readonly login: { readonly user: string; readonly passwordFile: string } | undefined;
  readonly caFile: string | undefined;
  /** The limit for one answer of the server, in milliseconds. */
  readonly timeoutMs: number;
}

const failureSchema = z.object({
  message: z.string(),
  code: z.string().optional(),
  responseCode: z.int().optional(),
  response: z.string().optional(),
  command: z.string().optional(),
});

/** Gives what sends a mail; it never rejects. */
export function createMail(options: MailOptions): (mail: MailMessage) => Promise<Outcome> {
  return async (mail) => {
    const { server, from } = options;
    let access: Awaited<ReturnType<typeof readAccess>>;
    try {
      access = await readAccess(options);
    } catch (error) {
      return { kind: 'later', why: 'declined', reason: messages.mail(server.host, String(error)) };
    }
    const { createTransport } = await import('nodemailer');
    const transport = createTransport({
      host: server.host,
      port: server.port,
      secure: server.secure,
      // A password goes to nobody in the clear, except on this machine.
      requireTLS: !server.secure && access.auth !== undefined && !isLoopback(server.host),
      ...(access.auth && { auth: access.auth }),
      ...(access.ca && { tls: { ca: access.ca } }),
      connectionTimeout: options.timeoutMs,
      greetingTimeout: options.timeoutMs,
      socketTimeout: options.timeoutMs,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    const named = (id: string) => `<${id}@${from.slice(from.lastIndexOf('@') + 1)}>`;
    try {
      const { rejected } = await transport.sendMail({
        from,
        to: [...mail.to],
        subject: mail.subject,
        text: mail.text,
        date: new Date(mail.at),
        messageId: named(mail.id),
        ...(mail.answers === undefined
          ? {}
          : { inReplyTo: named(mail.answers), references: [named(mail.answers)] }),
        // RFC 3834: nobody's holiday answers this.
        headers: { 'Auto-Submitted': 'auto-generated' },
        xMailer: false,
      });
      const refused = rejected.map(String);
      return refused.length === 0 ? { kind: 'sent' } : { kind: 'sent', note: messages.someRefused(refused) };
    } catch (error) {
      return outcomeOf(server.host, error);
    } finally {
      transport.close();
    }
  };
}

async function readAccess({ login, caFile }: MailOptions) {
  return {
    auth: login && { user: login.user, pass: (await readFile(login.passwordFile, 'utf8')).trim() },
    ca: caFile === undefined ? undefined : await readFile(caFile, 'utf8'),
  };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** https://nodemailer.com/smtp has the codes; three digits that begin with 5 are for good (RFC 5321, 4.2.1). */
function outcomeOf(host: string, error: unknown): Outcome {
  const failure = failureSchema.safeParse(error).data;
  const { code, responseCode, command } = failure ?? {};
  const said = failure?.response ?? failure?.message ?? String(error);
  // What a server says of a login may have parts of it in it.
  if (code === 'EAUTH' || code === 'ENOAUTH')
    return { kind: 'later', why: 'declined', reason: messages.noLogin(host, responseCode) };
  const isForGood = responseCode !== undefined && responseCode >= 500;
  // The sender is the same for all; a recipient and a text are the mail's own.
  if (isForGood && (code === 'EMESSAGE' || (code === 'EENVELOPE' && command !== 'MAIL FROM')))
    return { kind: 'refused', reason: messages.mail(host, said) };
  if (isForGood || code === 'ETLS')
    return { kind: 'later', why: 'declined', reason: messages.mail(host, said) };
  if (responseCode !== undefined) return { kind: 'later', why: 'failing', reason: messages.mail(host, said) };
  return { kind: 'later', why: 'unreachable', reason: messages.unreachable(host, said) };
}
