/** What fails, what happens, and the service itself. */
import { BigValueTextMode, MappingType, type ValueMapping } from '@grafana/schema';
import type { Row } from '../layout.ts';
import { graph, stat, timeline } from '../panels.ts';

const connected: ValueMapping = {
  type: MappingType.ValueToText,
  options: { 0: { text: 'no', color: 'red', index: 0 }, 1: { text: 'yes', color: 'green', index: 1 } },
};

export const failuresRow: Row = {
  title: 'What fails?',
  panels: [
    graph(
      {
        title: 'Failures by kind',
        description:
          'Attempts that failed. Each is made again by itself; what stays high needs somebody. The kinds: docs/reference/metrics.md.',
        width: 12,
        height: 8,
        decimals: 0,
        queries: [
          {
            expr: 'sum by (kind) (increase(lpbuildbot_failures_total[$__rate_interval])) > 0',
            legend: '{{kind}}',
          },
        ],
        noValue: 'none',
      },
      'bars',
    ),
    timeline({
      title: 'Is Buildbot there?',
      description:
        'Whether it answers, and whether its events are heard. Without events branches move up to a minute late; without answers not at all.',
      width: 12,
      height: 8,
      mappings: [connected],
      queries: [
        { expr: 'min by (instance) (lpbuildbot_buildbot_up)', legend: '{{instance}} answers' },
        { expr: 'min by (instance) (lpbuildbot_buildbot_events_connected)', legend: '{{instance}} events' },
      ],
    }),
  ],
};

export const newsRow: Row = {
  title: 'News',
  panels: [
    graph(
      {
        title: 'What has happened',
        description:
          'Entries of the audit log by kind: moves, merges, conflicts and their ends, holds, refusals.',
        width: 12,
        height: 8,
        decimals: 0,
        queries: [
          {
            expr: 'sum by (event) (increase(lpbuildbot_audit_events_total[$__rate_interval])) > 0',
            legend: '{{event}}',
          },
        ],
        noValue: 'nothing',
      },
      'bars',
    ),
    stat({
      title: 'Entries not on disk yet',
      description: 'Entries of the audit log that wait for room on the disk. Any is an alert.',
      width: 4,
      height: 8,
      thresholds: [
        [null, 'green'],
        [1, 'red'],
      ],
      queries: [{ expr: 'sum(lpbuildbot_audit_waiting_entries)', kind: 'instant' }],
    }),
    stat({
      title: 'Last look at everything',
      description: 'It is every minute, events or none. More than five minutes is an alert.',
      width: 4,
      height: 8,
      unit: 's',
      decimals: 0,
      thresholds: [
        [null, 'green'],
        [120, 'yellow'],
        [300, 'red'],
      ],
      queries: [{ expr: 'max(time() - lpbuildbot_last_reconcile_timestamp_seconds)', kind: 'instant' }],
    }),
    stat(
      {
        title: 'What runs',
        description:
          'The version of the service, and whether it moves branches (active) or only says what it would do (shadow).',
        width: 4,
        height: 8,
        queries: [
          {
            expr: 'max by (version, mode) (lpbuildbot_build_info)',
            legend: '{{version}}, {{mode}}',
            kind: 'instant',
          },
        ],
      },
      { textMode: BigValueTextMode.Name },
    ),
    graph({
      title: 'Memory',
      description: 'Of the service. It idles below 90 MB.',
      width: 12,
      height: 7,
      unit: 'bytes',
      queries: [
        {
          expr: 'process_resident_memory_bytes and on (instance) lpbuildbot_build_info',
          legend: '{{instance}}',
        },
      ],
    }),
    graph({
      title: 'CPU',
      description: 'Of the service, in seconds a second.',
      width: 12,
      height: 7,
      unit: 'percentunit',
      queries: [
        {
          expr: 'rate(process_cpu_seconds_total[$__rate_interval]) and on (instance) lpbuildbot_build_info',
          legend: '{{instance}}',
        },
      ],
    }),
    graph(
      {
        title: 'News sent to people',
        description:
          'Messages that Mattermost and the mail server took, and attempts that failed; each is made again.',
        width: 12,
        height: 8,
        decimals: 0,
        queries: [
          {
            expr: 'sum by (way) (increase(lpbuildbot_news_sent_total[$__rate_interval]))',
            legend: '{{way}} sent',
          },
          {
            expr: 'sum by (way, kind) (increase(lpbuildbot_news_failures_total[$__rate_interval]))',
            legend: '{{way}} {{kind}}',
          },
        ],
        noValue: 'nobody is told',
      },
      'bars',
    ),
    stat({
      title: 'News that wait',
      description: 'Messages that are yet to be sent. Those that have waited for half an hour are an alert.',
      width: 6,
      height: 8,
      thresholds: [
        [null, 'green'],
        [50, 'orange'],
      ],
      queries: [{ expr: 'sum(lpbuildbot_news_waiting)', kind: 'instant' }],
    }),
    stat({
      title: 'News that were given up',
      description: 'Messages that were refused again and again, or the oldest of too many.',
      width: 6,
      height: 8,
      thresholds: [
        [null, 'green'],
        [1, 'orange'],
      ],
      queries: [{ expr: 'sum(lpbuildbot_news_lost_total)', kind: 'instant' }],
    }),
  ],
};
