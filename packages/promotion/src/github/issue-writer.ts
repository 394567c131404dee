/** Opens, updates and closes the issues of conflicts. */
import * as z from 'zod';
import { RemoteError } from '../remote.ts';
import { type Issue, type IssueStep, issueStep, type MergeState } from './issues.ts';
import type { Repository } from './place.ts';
import type { Writer } from './writer.ts';

const issueSchema = z.object({
  number: z.int(),
  state: z.enum(['open', 'closed']),
  title: z.string(),
  body: z.string().nullish(),
  pull_request: z.unknown().optional(),
});
type GivenIssue = z.infer<typeof issueSchema>;

/** The colour of the label, as GitHub writes it. */
const COLOUR = 'd93f0b';

export class IssueWriter {
  readonly #writer: Writer;
  readonly #repository: Repository;
  readonly #label: string;
  /** Issues of ours that a list may not have yet, by pair: lists come from copies of GitHub's data. */
  readonly #opened = new Map<string, number>();
  #labelled = false;

  constructor(writer: Writer, repository: Repository, label: string) {
    this.#writer = writer;
    this.#repository = repository;
    this.#label = label;
  }

  /** Throws RemoteError when GitHub can't be asked, or does not take them. */
  async write(state: MergeState): Promise<void> {
    const step = issueStep(state, await this.#issues(state.pair));
    if (step !== undefined) await this.#apply(step, state.pair);
  }

  /** Those with our label, which only people who may write to the repository can give; the newest first. */
  async #issues(pair: string): Promise<readonly Issue[]> {
    const { client } = this.#writer;
    const listed = await client.read(z.array(issueSchema), (rest) =>
      rest.issues.listForRepo({
        ...this.#repository,
        labels: this.#label,
        state: 'all',
        sort: 'created',
        direction: 'desc',
        per_page: 100,
      }),
    );
    if (listed.kind !== 'ok') throw new RemoteError(listed.reason);
    const issues = (listed.data ?? []).filter((issue) => issue.pull_request === undefined).map(issueOf);
    const number = this.#opened.get(pair);
    if (number === undefined) return issues;
    const own = await client.read(issueSchema, (rest) =>
      rest.issues.get({ ...this.#repository, issue_number: number }),
    );
    // Somebody may have moved or deleted it (301, 404, 410).
    if (own.kind !== 'ok' || own.data === undefined) return issues;
    return [issueOf(own.data), ...issues.filter((issue) => issue.number !== number)];
  }

  async #apply(step: IssueStep, pair: string): Promise<void> {
    const repository = this.#repository;
    if (step.kind === 'open') {
      await this.#ensureLabel();
      const { title, body } = step;
      const opened = await this.#writer.write(issueSchema, (rest) =>
        rest.issues.create({ ...repository, title, body, labels: [this.#label] }),
      );
      if (opened !== undefined) this.#opened.set(pair, opened.number);
      return;
    }
    const { number, body } = step;
    await this.#writer.write(issueSchema, (rest) =>
      rest.issues.update({
        ...repository,
        issue_number: number,
        body,
        ...(step.kind === 'close' && { state: 'closed', state_reason: 'completed' }),
      }),
    );
    if (step.kind !== 'close') return;
    await this.#writer.write(z.object({ id: z.int() }), (rest) =>
      rest.issues.createComment({ ...repository, issue_number: number, body: step.comment }),
    );
  }

  /** Without the label the issue would not be found again, and another one opened. */
  async #ensureLabel(): Promise<void> {
    if (this.#labelled) return;
    const name = this.#label;
    const found = await this.#writer.client.read(z.object({ name: z.string() }), (rest) =>
      rest.issues.getLabel({ ...this.#repository, name }),
    );
    if (found.kind === 'declined') {
      if (found.status !== 404) throw new RemoteError(found.reason);
      await this.#writer.write(z.object({ name: z.string() }), (rest) =>
        rest.issues.createLabel({ ...this.#repository, name, color: COLOUR }),
      );
    }
    this.#labelled = true;
  }
}

function issueOf({ number, state, title, body }: GivenIssue): Issue {
  return { number, state, title, body: body ?? '' };
}
