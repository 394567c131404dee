/** A mail server for tests: a real one (smtp-server), which keeps what it is sent, and can be asked for the faults of others. */
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { freePort } from './ports.ts';
import { waitUntil } from './wait.ts';

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** By name in lower case, unfolded. */
  readonly headers: ReadonlyMap<string, string>;
  /** As it was transferred, with line feeds. */
  readonly body: string;
}

export interface MailServerOptions {
  /** Who may send; everybody without it. */
  readonly login?: { readonly user: string; readonly password: string };
  readonly tls?: { readonly key: string; readonly cert: string };
  /** TLS from the first byte on, not only after STARTTLS. */
  readonly secure?: boolean;
}

export type MailFault =
  | 'none'
  /** Answers nothing after the connection is made. */
  | 'hanging'
  /** Refuses what is named, with this code. */
  | {
      readonly refuses: 'connection' | 'sender' | 'text' | { readonly recipient: string };
      readonly code: number;
    };

export class MailServer implements AsyncDisposable {
  readonly port: number;
  readonly mails: ReceivedMail[] = [];
  /** How often somebody has connected so far. */
  connections = 0;
  readonly #options: MailServerOptions;
  #fault: MailFault = 'none';
  #server: SMTPServer | undefined;

  private constructor(port: number, options: MailServerOptions) {
    this.port = port;
    this.#options = options;
  }

  static async start(options: MailServerOptions = {}): Promise<MailServer> {
    const server = new MailServer(await freePort(), options);
    await server.up();
    return server;
  }

  setFault(fault: MailFault): void {
    this.#fault = fault;
  }

  async up(): Promise<void> {
    await waitUntil(`port ${this.port}`, () => this.#listen());
  }

  async down(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    await new Promise<void>((done) => (server === undefined ? done() : server.close(() => done())));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.down();
  }

  #listen(): Promise<boolean> {
    const server = new SMTPServer(this.#settings());
    // What a client does that goes away is no error of the test.
    server.on('error', () => {});
    return new Promise((done) => {
      server.server.once('error', () => done(false));
      server.listen(this.port, '127.0.0.1', () => {
        this.#server = server;
        done(true);
      });
    });
  }

  #settings(): SMTPServerOptions {
    const { login, tls, secure = false } = this.#options;
    return {
      authOptional: login === undefined,
      // Whether a password may go in the clear is for the client to say, and to be tested.
      allowInsecureAuth: true,
      disabledCommands: [
        ...(tls === undefined ? ['STARTTLS'] : []),
        ...(login === undefined ? ['AUTH'] : []),
      ],
      secure,
      disableReverseLookup: true,
      closeTimeout: 100,
      ...tls,
      onConnect: (_session, done) => {
        this.connections += 1;
        if (this.#fault !== 'hanging') done(this.#refusal('connection'));
      },
      onAuth: ({ username, password }, _session, done) => {
        if (username === login?.user && password === login?.password) done(null, { user: username });
        else done(new Error(`no ${username} with ${password} here`));
      },
      onMailFrom: (_address, _session, done) => done(this.#refusal('sender')),
      onRcptTo: ({ address }, _session, done) => done(this.#refusal({ recipient: address })),
      onData: (stream, { envelope }, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const refusal = this.#refusal('text');
          if (refusal === undefined) {
            const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
            const to = envelope.rcptTo.map(({ address }) => address);
            this.mails.push({ from, to, ...parsed(Buffer.concat(chunks).toString('utf8')) });
          }
          done(refusal);
        });
      },
    };
  }

  #refusal(what: Exclude<MailFault, string>['refuses']): Error | undefined {
    const fault = this.#fault;
    if (typeof fault === 'string' || JSON.stringify(fault.refuses) !== JSON.stringify(what)) return undefined;
    return Object.assign(new Error('not here'), { responseCode: fault.code });
  }
}

/** RFC 5322, 2.1 and 2.2.3. */
function parsed(raw: string): Pick<ReceivedMail, 'headers' | 'body'> {
  const text = raw.replaceAll('\r\n', '\n');
  const end = text.indexOf('\n\n');
  const lines = text
    .slice(0, end)
    .replaceAll(/\n[ \t]+/g, ' ')
    .split('\n');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { headers: new Map(headers), body: text.slice(end + 2) };
}
