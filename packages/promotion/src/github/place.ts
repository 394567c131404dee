/** Which remotes are on GitHub: those whose host is one that the configuration names, over https and over ssh alike. */
import { placeOf } from '@lpbuildbot/pipeline';
import type { GithubConfig } from '../config.ts';

/** A repository as GitHub's API names it. */
export interface Repository {
  readonly owner: string;
  readonly repo: string;
}

export interface Place {
  readonly site: GithubConfig;
  readonly repository: Repository;
}

/** Where on GitHub a remote is; undefined for any other remote. */
export function githubPlace(url: string, sites: readonly GithubConfig[]): Place | undefined {
  const [host = '', owner = '', repo = '', ...rest] = placeOf(url).split('/');
  const site = sites.find((candidate) => candidate.host.toLowerCase() === host);
  if (site === undefined || owner === '' || repo === '' || rest.length > 0) return undefined;
  return { site, repository: { owner, repo } };
}
