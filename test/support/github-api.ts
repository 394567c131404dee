/**
 * The part of GitHub's REST API that promotion uses, with its state: branches in a real repository, statuses, issues and
 * labels here. What each operation does is said by https://docs.github.com/en/rest.
 */
import { z } from 'zod';
import type { BareRepository } from './git-repository.ts';
import { GithubDescription, type Route } from './github-description.ts';
import { commitOf, mergeInto, moveRef } from './github-refs.ts';

export interface ApiAnswer {
  readonly status: number;
  /** Undefined for none. */
  readonly body: unknown;
}

export interface ApiRequest {
  readonly route: Route;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

export interface FakeStatus {
  readonly context: string;
  readonly state: string;
  readonly description: string | null;
  readonly target_url: string | null;
}

export interface FakeIssue {
  readonly number: number;
  state: 'open' | 'closed';
  title: string;
  body: string;
  labels: readonly string[];
  readonly comments: string[];
}

const refBody = z.object({ sha: z.string(), force: z.boolean().default(false) });
const newRefBody = z.object({ ref: z.string(), sha: z.string() });
const mergeBody = z.object({
  base: z.string(),
  head: z.string(),
  commit_message: z.string().default('Merge'),
});
const statusBody = z.object({
  state: z.string(),
  context: z.string().default('default'),
  description: z.string().nullable().default(null),
  target_url: z.string().nullable().default(null),
});
const newIssueBody = z.object({
  title: z.string(),
  body: z.string().default(''),
  labels: z.array(z.string()).default([]),
});
const issueBody = z.object({
  title: z.string().optional(),
  body: z.string().optional(),
  state: z.enum(['open', 'closed']).optional(),
});
const nameBody = z.object({ name: z.string() });
const commentBody = z.object({ body: z.string() });

/** One repository, as one account that may write to it sees it. */
export class GithubApi {
  readonly #repository: BareRepository;
  readonly #description = GithubDescription.load();
  /** By commit, the oldest first. */
  readonly #statuses = new Map<string, FakeStatus[]>();
  readonly issues: FakeIssue[] = [];
  readonly labels = new Set<string>(['bug']);

  constructor(repository: BareRepository) {
    this.#repository = repository;
  }

  /** What a commit has now, by context. */
  statuses(sha: string): Readonly<Record<string, FakeStatus>> {
    return Object.fromEntries((this.#statuses.get(sha) ?? []).map((status) => [status.context, status]));
  }

  /** How many statuses a commit has been given so far. */
  statusCount(sha: string): number {
    return this.#statuses.get(sha)?.length ?? 0;
  }

  async answer({ route, query, body }: ApiRequest): Promise<ApiAnswer> {
    const { parameters } = route;
    const { ref = '', sha = '', name = '', issue_number = '' } = parameters;
    switch (`${route.method} ${route.template.replace('/repos/{owner}/{repo}', '')}`) {
      case 'get /git/matching-refs/{ref}':
        return await this.#matchingRefs(ref);
      case 'patch /git/refs/{ref}':
        return await this.#updateRef(ref, refBody.parse(body));
      case 'post /git/refs':
        return await this.#createRef(newRefBody.parse(body));
      case 'post /merges':
        return await this.#merge(mergeBody.parse(body));
      case 'post /statuses/{sha}':
        return await this.#createStatus(sha, statusBody.parse(body));
      case 'get /commits/{ref}/status':
        return await this.#combinedStatus(ref);
      case 'get /issues':
        return this.#listIssues(query);
      case 'post /issues':
        return this.#openIssue(newIssueBody.parse(body));
      case 'get /issues/{issue_number}':
        return this.#withIssue(issue_number, (issue) => this.#issueBody(issue));
      case 'patch /issues/{issue_number}':
        return this.#withIssue(issue_number, (issue) =>
          this.#issueBody(Object.assign(issue, issueBody.parse(body))),
        );
      case 'post /issues/{issue_number}/comments':
        return this.#withIssue(
          issue_number,
          (issue) => this.#comment(issue, commentBody.parse(body).body),
          201,
        );
      case 'get /labels/{name}':
        return this.labels.has(name) ? this.#ok('label', { name }) : notFound;
      case 'post /labels':
        return this.#createLabel(nameBody.parse(body).name);
      default:
        return { status: 501, body: { message: `the fake has no ${route.method} ${route.template}` } };
    }
  }

  #ok(schema: string, given: Readonly<Record<string, unknown>>, status = 200): ApiAnswer {
    return { status, body: this.#description.fill(schema, given) };
  }

  #ref(ref: string, sha: string): Readonly<Record<string, unknown>> {
    const object = { type: 'commit', sha, url: `https://github.test/commits/${sha}` };
    return this.#description.fill('git-ref', { ref, object });
  }

  async #matchingRefs(prefix: string): Promise<ApiAnswer> {
    const branches = await this.#repository.branches();
    if (branches.size === 0) return error(409, 'Git Repository is empty.');
    const found = [...branches].filter(([branch]) => `heads/${branch}`.startsWith(prefix));
    return { status: 200, body: found.map(([branch, sha]) => this.#ref(`refs/heads/${branch}`, sha)) };
  }

  async #updateRef(ref: string, { sha, force }: z.infer<typeof refBody>): Promise<ApiAnswer> {
    if (force) return { status: 501, body: { message: 'nothing here may ever be forced' } };
    const branch = ref.replace(/^heads\//, '');
    if ((await this.#repository.tip(branch)) === undefined) return invalid('Reference does not exist');
    if ((await commitOf(this.#repository, sha)) === undefined) return invalid('Object does not exist');
    const moved = await moveRef(this.#repository, `refs/${ref}`, sha);
    if (moved.kind === 'died') return error(500, 'Server Error');
    return moved.kind === 'moved'
      ? { status: 200, body: this.#ref(`refs/${ref}`, sha) }
      : invalid(moved.message);
  }

  async #createRef({ ref, sha }: z.infer<typeof newRefBody>): Promise<ApiAnswer> {
    if ((await this.#repository.tip(ref.replace(/^refs\/heads\//, ''))) !== undefined) {
      return invalid('Reference already exists');
    }
    if ((await commitOf(this.#repository, sha)) === undefined) return invalid('Object does not exist');
    const moved = await moveRef(this.#repository, ref, sha);
    if (moved.kind === 'died') return error(500, 'Server Error');
    return moved.kind === 'moved' ? { status: 201, body: this.#ref(ref, sha) } : invalid(moved.message);
  }

  async #merge({ base, head, commit_message }: z.infer<typeof mergeBody>): Promise<ApiAnswer> {
    const commit = await commitOf(this.#repository, head);
    if (commit === undefined) return error(404, 'Head does not exist');
    if ((await this.#repository.tip(base)) === undefined) return error(404, 'Base does not exist');
    const merged = await mergeInto(this.#repository, base, commit, commit_message);
    switch (merged.kind) {
      case 'nothing':
        return { status: 204, body: undefined };
      case 'conflict':
        return error(409, 'Merge conflict');
      case 'refused':
        return invalid(merged.message);
      case 'died':
        return error(500, 'Server Error');
      case 'merged': {
        const { sha, parents } = merged;
        const url = `https://github.test/commits/${sha}`;
        return this.#ok(
          'commit',
          { sha, url, parents: parents.map((parent) => ({ sha: parent, url })) },
          201,
        );
      }
    }
  }

  async #createStatus(sha: string, status: FakeStatus): Promise<ApiAnswer> {
    if ((await commitOf(this.#repository, sha)) === undefined)
      return invalid(`No commit found for SHA: ${sha}`);
    // The description does not say it; GitHub does, with "description is too long (maximum is 140 characters)".
    if ([...(status.description ?? '')].length > 140) return invalid('description is too long');
    const given = this.#statuses.get(sha) ?? [];
    this.#statuses.set(sha, [...given, status]);
    return this.#ok('status', { ...status }, 201);
  }

  async #combinedStatus(ref: string): Promise<ApiAnswer> {
    const sha = await commitOf(this.#repository, ref);
    if (sha === undefined) return notFound;
    const statuses = Object.values(this.statuses(sha)).map((status) =>
      this.#description.fill('simple-commit-status', { ...status }),
    );
    return this.#ok('combined-commit-status', {
      sha,
      statuses,
      total_count: statuses.length,
      state: 'pending',
    });
  }

  #issueBody(issue: FakeIssue): Readonly<Record<string, unknown>> {
    const labels = issue.labels.map((name) => this.#description.fill('label', { name }));
    return this.#description.fill('issue', { ...issue, labels, comments: issue.comments.length });
  }

  #listIssues(query: URLSearchParams): ApiAnswer {
    const label = query.get('labels');
    const state = query.get('state') ?? 'open';
    const found = this.issues
      .filter((issue) => label === null || issue.labels.includes(label))
      .filter((issue) => state === 'all' || issue.state === state)
      .toSorted((a, b) => b.number - a.number);
    const page = found.slice(0, Number(query.get('per_page') ?? 30));
    return { status: 200, body: page.map((issue) => this.#issueBody(issue)) };
  }

  #openIssue({ title, body, labels }: z.infer<typeof newIssueBody>): ApiAnswer {
    const issue: FakeIssue = {
      number: this.issues.length + 1,
      state: 'open',
      title,
      body,
      labels,
      comments: [],
    };
    this.issues.push(issue);
    for (const label of labels) this.labels.add(label);
    return { status: 201, body: this.#issueBody(issue) };
  }

  #comment(issue: FakeIssue, text: string): unknown {
    issue.comments.push(text);
    return this.#description.fill('issue-comment', { body: text });
  }

  #withIssue(number: string, answer: (issue: FakeIssue) => unknown, status = 200): ApiAnswer {
    const issue = this.issues.find((candidate) => candidate.number === Number(number));
    return issue === undefined ? notFound : { status, body: answer(issue) };
  }

  #createLabel(name: string): ApiAnswer {
    if (this.labels.has(name)) return invalid('Validation Failed');
    this.labels.add(name);
    return this.#ok('label', { name }, 201);
  }
}

const documentation = 'https://docs.github.com/rest';

export function error(status: number, message: string): ApiAnswer {
  return { status, body: { message, documentation_url: documentation, status: String(status) } };
}

function invalid(message: string): ApiAnswer {
  return error(422, message);
}

const notFound = error(404, 'Not Found');
