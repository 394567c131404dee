/** Buildbot, as far as promotion depends on it: whether it answers, its queue, its workers, its builds. */
import { Gauge, type Registry } from 'prom-client';
import { colour } from '../buildbot/build-store.ts';
import type { KnownBuilds } from '../buildbot/known-builds.ts';
import type { Pair } from '../pairs.ts';
import { workerStates } from './buildbot-figures.ts';
import type { Part, Scraped } from './part.ts';

export function buildbotPart(registry: Registry, pairs: readonly Pair[], builds: KnownBuilds): Part {
  const registers = [registry];
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Gauge({ name: `lpbuildbot_${name}`, help, labelNames, registers });
  const up = gauge('buildbot_up', '1 while Buildbot answers', []);
  const connected = gauge('buildbot_events_connected', "1 while Buildbot's events are heard", []);
  const workers = gauge('workers', "Workers in Buildbot's configuration, by what they are doing", ['state']);
  const builderWorkers = gauge('builder_workers', 'Workers that a builder may use, by what they are doing', [
    'builder',
    'state',
  ]);
  const waiting = gauge('builder_waiting_requests', 'Build requests that wait for a worker', ['builder']);
  const waitingSince = gauge(
    'builder_waiting_since_timestamp_seconds',
    'Since when the oldest build request of a builder waits for a worker; absent when none does',
    ['builder'],
  );
  const running = gauge('builder_running_builds', 'Builds that run', ['builder']);
  const runningSince = gauge(
    'builder_running_since_timestamp_seconds',
    'When the oldest build that runs was begun; absent when none runs',
    ['builder'],
  );
  const red = gauge('builder_red', '1 while the last build of a required builder that says anything is red', [
    'builder',
  ]);
  const required = [...new Set(pairs.flatMap((pair) => (pair.kind === 'promotion' ? pair.requires : [])))];

  const setQueue = ({ figures }: Scraped) => {
    if (figures === undefined) return;
    for (const state of workerStates) workers.set({ state }, figures.workers[state]);
    for (const builder of new Set([...required, ...figures.builders.keys()])) {
      const known = figures.builders.get(builder);
      for (const state of workerStates) builderWorkers.set({ builder, state }, known?.workers[state] ?? 0);
      waiting.set({ builder }, known?.waiting ?? 0);
      if (known?.waitingSince !== undefined) waitingSince.set({ builder }, known.waitingSince);
    }
  };
  const setBuilds = () => {
    for (const builder of required) {
      running.set({ builder }, 0);
      const last = builds.last(builder);
      red.set({ builder }, last !== undefined && colour(last) === 'red' ? 1 : 0);
    }
    const oldest = new Map<string, number>();
    for (const { builder, startedAt } of builds.allRunning()) {
      running.inc({ builder });
      oldest.set(builder, Math.min(oldest.get(builder) ?? startedAt, startedAt));
    }
    for (const [builder, startedAt] of oldest) runningSince.set({ builder }, startedAt);
  };
  return {
    update(scraped) {
      for (const one of [workers, builderWorkers, waiting, waitingSince, running, runningSince, red])
        one.reset();
      const isUp = scraped.report.buildbot.problem === undefined;
      up.set(isUp ? 1 : 0);
      connected.set(scraped.daemon.connected ? 1 : 0);
      setQueue(scraped);
      // What was heard of builds before it fell silent says nothing of those that run now.
      if (isUp) setBuilds();
    },
  };
}
