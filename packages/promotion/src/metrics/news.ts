/** How it goes with telling people, by way; nothing at all where nobody is told. */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Part } from './part.ts';

export function newsPart(registry: Registry): Part {
  const registers = [registry];
  const sent = new Counter({
    name: 'lpbuildbot_news_sent_total',
    help: 'Messages that people were sent since the start, by way: mattermost or mail',
    labelNames: ['way'],
    registers,
  });
  const failures = new Counter({
    name: 'lpbuildbot_news_failures_total',
    help: 'Attempts to send a message that failed since the start, by what kind of failure it was',
    labelNames: ['way', 'kind'],
    registers,
  });
  const lost = new Counter({
    name: 'lpbuildbot_news_lost_total',
    help: 'Messages that were given up since the start: refused again and again, or the oldest of too many',
    labelNames: ['way'],
    registers,
  });
  const waiting = new Gauge({
    name: 'lpbuildbot_news_waiting',
    help: 'Messages that wait to be sent',
    labelNames: ['way'],
    registers,
  });
  const oldest = new Gauge({
    name: 'lpbuildbot_news_oldest_timestamp_seconds',
    help: 'When what the oldest message that waits tells of came about; absent when none waits',
    labelNames: ['way'],
    registers,
  });
  return {
    update({ report }) {
      for (const one of [sent, failures, lost, waiting, oldest]) one.reset();
      for (const { way, ...delivery } of report.news) {
        sent.inc({ way }, delivery.sent);
        for (const [kind, count] of Object.entries(delivery.failed)) failures.inc({ way, kind }, count);
        lost.inc({ way }, delivery.lost);
        waiting.set({ way }, delivery.waiting);
        if (delivery.oldestAt !== undefined) oldest.set({ way }, delivery.oldestAt / 1000);
      }
    },
  };
}
