/** Builds, their queue and the workers that take them. */
import { MappingType, type ValueMapping } from '@grafana/schema';
import type { Row } from '../layout.ts';
import { graph, stat, timeline } from '../panels.ts';
import { table } from '../table.ts';

const yesNo = (no: string, yes: string, colours: readonly [string, string]): ValueMapping => ({
  type: MappingType.ValueToText,
  options: {
    0: { text: no, color: colours[0], index: 0 },
    1: { text: yes, color: colours[1], index: 1 },
  },
});

export const queueRow: Row = {
  title: 'Do builds get their turn?',
  panels: [
    timeline({
      title: 'Required builders',
      description:
        'Green or red by the last build that says anything. While one is red, its branch may be in testfix mode.',
      width: 12,
      height: 8,
      mappings: [yesNo('green', 'red', ['green', 'red'])],
      queries: [{ expr: 'max by (builder) (lpbuildbot_builder_red)', legend: '{{builder}}' }],
    }),
    graph(
      {
        title: 'Builds that run',
        description: 'By builder. Nothing for hours while commits wait means that no worker takes them.',
        width: 12,
        height: 8,
        decimals: 0,
        queries: [{ expr: 'sum by (builder) (lpbuildbot_builder_running_builds)', legend: '{{builder}}' }],
      },
      'stacked',
    ),
    graph(
      {
        title: 'Queue',
        description: 'Build requests that wait for a worker, by builder.',
        width: 12,
        height: 8,
        decimals: 0,
        queries: [{ expr: 'sum by (builder) (lpbuildbot_builder_waiting_requests)', legend: '{{builder}}' }],
      },
      'stacked',
    ),
    graph({
      title: 'How long the oldest waits, and the oldest runs',
      description:
        'Waiting for more than four hours is an alert. A build that runs much longer than its brothers may hang.',
      width: 12,
      height: 8,
      unit: 's',
      queries: [
        {
          expr: 'max by (builder) (time() - lpbuildbot_builder_waiting_since_timestamp_seconds)',
          legend: '{{builder}} waits',
        },
        {
          expr: 'max by (builder) (time() - lpbuildbot_builder_running_since_timestamp_seconds)',
          legend: '{{builder}} runs',
        },
      ],
    }),
  ],
};

export const workersRow: Row = {
  title: 'Workers and their images',
  panels: [
    graph(
      {
        title: 'Workers',
        description:
          'Those of the configuration, by what they are doing. Paused and draining ones get no new builds. Which they are: Buildbot, Workers.',
        width: 8,
        height: 8,
        decimals: 0,
        queries: [{ expr: 'sum by (state) (lpbuildbot_workers)', legend: '{{state}}' }],
      },
      'stacked',
    ),
    stat({
      title: 'Workers that take builds, by builder',
      description: 'A builder without one gets nothing done: an alert after a quarter of an hour.',
      width: 4,
      height: 8,
      thresholds: [
        [null, 'red'],
        [1, 'green'],
      ],
      queries: [
        {
          expr: 'sum by (builder) (lpbuildbot_builder_workers{state="available"})',
          legend: '{{builder}}',
          kind: 'instant',
        },
      ],
    }),
    table({
      title: 'Images',
      description:
        'From the workers, by node_exporter. An image that is two days older than its recipe allows could not be made anew: lpbuildbot-create-image NAME on that worker says why.',
      width: 12,
      height: 8,
      labels: { instance: 'Worker', image: 'Image' },
      columns: [
        {
          title: 'There',
          expr: 'max by (instance, image) (lpbuildbot_image_present)',
          mappings: [yesNo('missing', 'yes', ['red', 'green'])],
          thresholds: [
            [null, 'red'],
            [1, 'green'],
          ],
        },
        {
          title: 'Age',
          expr: 'max by (instance, image) (time() - lpbuildbot_image_created_timestamp_seconds)',
          unit: 's',
          decimals: 0,
        },
        {
          title: 'Of its greatest age',
          expr: 'max by (instance, image) ((time() - lpbuildbot_image_created_timestamp_seconds) / lpbuildbot_image_max_age_seconds)',
          unit: 'percentunit',
          decimals: 0,
          thresholds: [
            [null, 'green'],
            [1.1, 'yellow'],
            [1.3, 'red'],
          ],
        },
        {
          title: 'Recipe',
          expr: 'max by (instance, image) (lpbuildbot_image_recipe_changed)',
          mappings: [yesNo('current', 'changed', ['green', 'yellow'])],
          thresholds: [
            [null, 'green'],
            [1, 'yellow'],
          ],
        },
        { title: 'Size', expr: 'max by (instance, image) (lpbuildbot_image_size_bytes)', unit: 'decbytes' },
      ],
    }),
  ],
};
