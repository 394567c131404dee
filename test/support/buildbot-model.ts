/**
 * The state behind the fake Buildbot: builders, workers, requests, builds, in the shapes of Buildbot 4.3.0's data API
 * (buildbot/data/builders.py, workers.py, buildrequests.py, buildsets.py, builds.py), and the events it tells when they change.
 */
import type { entityTypes } from './buildbot-entities.ts';
import type { Json, Row } from './buildbot-query.ts';

/** buildbot.process.results */
const results = {
  success: 0,
  warnings: 1,
  failure: 2,
  skipped: 3,
  exception: 4,
  retry: 5,
  cancelled: 6,
} as const;
export type Result = keyof typeof results;

/** A property as Buildbot keeps it: its value and where it came from. */
export type Properties = Readonly<Record<string, readonly [Json, string]>>;

export interface Source {
  readonly branch: string;
  /** `null` asks for the newest. */
  readonly revision: string | null;
  readonly repository: string;
  /** Somebody's patch on top, as `buildbot try` sends it. */
  readonly patched: boolean;
}

interface Request {
  readonly row: Row;
  readonly source: Source;
}

export type Listener = (key: string, message: Json) => void;

const masterid = 1;

/** What a request that has no result yet has in its place. */
const notYet = -1;

export class BuildbotModel {
  readonly #clock: () => number;
  readonly #builders: Row[] = [];
  readonly #requests: Request[] = [];
  readonly #sets: Row[] = [];
  readonly #builds: Row[] = [];
  readonly #properties: Properties[] = [];
  readonly #workers: Row[] = [];
  readonly #numbers = new Map<number, number>();
  readonly #listeners = new Set<Listener>();

  /** @param clock seconds since 1970. */
  constructor(clock: () => number) {
    this.#clock = () => Math.floor(clock());
  }

  /** Hears every event until the returned function is called. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get rows(): Readonly<Record<keyof typeof entityTypes, readonly Row[]>> {
    return {
      builders: this.#builders,
      builds: this.#builds,
      buildrequests: this.#requests.map(({ row }) => row),
      buildsets: this.#sets,
      workers: this.#workers,
    };
  }

  properties(buildid: number): Properties {
    return this.#properties[buildid - 1] ?? {};
  }

  addBuilder(name: string): number {
    const builderid = this.#builders.length + 1;
    this.#builders.push({
      builderid,
      name,
      masterids: [masterid],
      description: null,
      description_format: null,
      description_html: null,
      projectid: null,
      tags: [],
    });
    this.#emit([`builders/${builderid}`], 'started', { builderid, masterid, name });
    return builderid;
  }

  builderId(name: string): number {
    const builder = this.#builders.find((row) => row.name === name);
    return builder === undefined ? this.addBuilder(name) : int(builder, 'builderid');
  }

  /** A worker that is connected, and that these builders may use. */
  addWorker(name: string, builders: readonly string[]): void {
    const info = { admin: null, host: null, access_uri: null, version: '4.3.0' };
    this.#workers.push({
      workerid: this.#workers.length + 1,
      name,
      connected_to: [{ masterid }],
      configured_on: builders.map((builder) => ({ masterid, builderid: this.builderId(builder) })),
      workerinfo: info,
      paused: false,
      pause_reason: null,
      graceful: false,
    });
  }

  /** What becomes of a worker. */
  changeWorker(
    name: string,
    change: { readonly connected?: boolean; readonly paused?: boolean; readonly graceful?: boolean },
  ): void {
    const index = this.#workers.findIndex((row) => row.name === name);
    const { connected, ...row } = change;
    const to = connected === undefined ? {} : { connected_to: connected ? [{ masterid }] : [] };
    this.#workers[index] = { ...this.#workers[index], ...row, ...to };
  }

  /** Puts a request into a builder's queue and gives its id. */
  request(builder: string, source: Source): number {
    const builderid = this.builderId(builder);
    const bsid = this.#sets.length + 1;
    const buildrequestid = this.#requests.length + 1;
    const at = this.#clock();
    const patch = source.patched
      ? { patchid: bsid, level: 0, subdir: '', author: 'ada', comment: '', body: null }
      : null;
    this.#sets.push({
      bsid,
      external_idstring: null,
      reason: '',
      rebuilt_buildid: null,
      submitted_at: at,
      complete: false,
      complete_at: null,
      results: notYet,
      sourcestamps: [
        {
          ssid: bsid,
          revision: source.revision,
          branch: source.branch,
          repository: source.repository,
          project: '',
          codebase: '',
          patch,
          created_at: at,
        },
      ],
      parent_buildid: null,
      parent_relationship: null,
    });
    const row = {
      buildrequestid,
      buildsetid: bsid,
      builderid,
      priority: 0,
      claimed: false,
      claimed_at: null,
      claimed_by_masterid: null,
      complete: false,
      results: notYet,
      submitted_at: at,
      complete_at: null,
      waited_for: false,
      properties: null,
    };
    this.#requests.push({ row, source });
    this.#tellRequest(row, 'new');
    return buildrequestid;
  }

  /** A worker takes a request from the queue: the build's id. */
  start(buildrequestid: number): number {
    const request = this.#request(buildrequestid);
    const at = this.#clock();
    this.#change(buildrequestid, { claimed: true, claimed_at: at, claimed_by_masterid: masterid }, 'claimed');
    const builderid = int(request.row, 'builderid');
    const number = (this.#numbers.get(builderid) ?? 0) + 1;
    this.#numbers.set(builderid, number);
    const buildid = this.#builds.length + 1;
    this.#builds.push({
      buildid,
      number,
      builderid,
      buildrequestid,
      workerid: 1,
      masterid,
      started_at: at,
      complete_at: null,
      locks_duration_s: 0,
      complete: false,
      state_string: 'starting',
      results: null,
      properties: {},
    });
    const { branch, revision, repository } = request.source;
    this.#properties.push({});
    this.setProperties(buildid, {
      buildnumber: [number, 'Build'],
      branch: [branch, 'Build'],
      revision: [revision, 'Build'],
      repository: [repository, 'Build'],
      codebase: ['', 'Build'],
      project: ['', 'Build'],
    });
    this.#tellBuild(buildid, 'new');
    return buildid;
  }

  /** What the git step does when it has checked out a commit. */
  checkout(buildid: number, revision: string): void {
    this.setProperties(buildid, { got_revision: [revision, 'Git'] });
  }

  setProperties(buildid: number, properties: Properties): void {
    this.#properties[buildid - 1] = { ...this.properties(buildid), ...properties };
    this.#emit([`builds/${buildid}/properties`], 'update', properties);
  }

  /** Ends a build, and its request with it unless it is to be tried again. */
  finish(buildid: number, result: Result): void {
    const at = this.#clock();
    const build = {
      complete: true,
      complete_at: at,
      results: results[result],
      state_string: `build ${result}`,
    };
    this.#builds[buildid - 1] = { ...this.#build(buildid), ...build };
    this.#tellBuild(buildid, 'finished');
    const buildrequestid = int(this.#build(buildid), 'buildrequestid');
    if (result === 'retry') {
      this.#change(
        buildrequestid,
        { claimed: false, claimed_at: null, claimed_by_masterid: null },
        'unclaimed',
      );
      return;
    }
    const done = { complete: true, complete_at: at, results: results[result] };
    this.#change(buildrequestid, done, 'complete');
    const index = int(this.#request(buildrequestid).row, 'buildsetid') - 1;
    const set = { ...this.#sets[index], ...done };
    this.#sets[index] = set;
    this.#emit([`buildsets/${index + 1}`], 'complete', set);
  }

  /** The builds that run. */
  running(): readonly number[] {
    return this.#builds.filter((row) => row.complete === false).map((row) => int(row, 'buildid'));
  }

  requestOf(buildid: number): number {
    return int(this.#build(buildid), 'buildrequestid');
  }

  #build(buildid: number): Row {
    const row = this.#builds[buildid - 1];
    if (row === undefined) throw new Error(`there is no build ${buildid}`);
    return row;
  }

  #request(buildrequestid: number): Request {
    const request = this.#requests[buildrequestid - 1];
    if (request === undefined) throw new Error(`there is no build request ${buildrequestid}`);
    return request;
  }

  #change(buildrequestid: number, change: Row, event: string): void {
    const request = this.#request(buildrequestid);
    const row = { ...request.row, ...change };
    this.#requests[buildrequestid - 1] = { ...request, row };
    this.#tellRequest(row, event);
  }

  #tellRequest(row: Row, event: string): void {
    const { buildrequestid, buildsetid, builderid } = row;
    const own = `buildrequests/${buildrequestid}`;
    this.#emit(
      [`buildsets/${buildsetid}/builders/${builderid}/${own}`, own, `builders/${builderid}/${own}`],
      event,
      row,
    );
  }

  #tellBuild(buildid: number, event: string): void {
    const row = this.#build(buildid);
    const { builderid, number, workerid } = row;
    this.#emit(
      [
        `builders/${builderid}/builds/${number}`,
        `builds/${buildid}`,
        `workers/${workerid}/builds/${buildid}`,
      ],
      event,
      row,
    );
  }

  #emit(paths: readonly string[], event: string, message: Json): void {
    for (const path of paths) {
      for (const listener of this.#listeners) listener(`${path}/${event}`, message);
    }
  }
}

function int(row: Row, field: string): number {
  const value = row[field];
  if (typeof value !== 'number') throw new Error(`${field} is not a number`);
  return value;
}
