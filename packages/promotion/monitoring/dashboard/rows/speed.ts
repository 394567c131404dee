/** How fast promotions are. */
import { ScaleDistribution, TooltipDisplayMode, VisibilityMode } from '@grafana/schema';
import {
  HeatmapColorMode,
  type FieldConfig as HeatmapFieldConfig,
  type Options as HeatmapOptions,
} from '@grafana/schema/dist/esm/raw/composable/heatmap/panelcfg/x/HeatmapPanelCfg_types.gen';
import type { Row } from '../layout.ts';
import { basePanel, graph } from '../panels.ts';

const bucket = 'lpbuildbot_promotion_latency_seconds_bucket{project=~"$project"}';
const quantile = (share: number) =>
  `histogram_quantile(${share}, sum by (le) (rate(${bucket}[$__rate_interval])))`;

const heat: HeatmapOptions = {
  calculate: false,
  cellGap: 1,
  color: {
    mode: HeatmapColorMode.Scheme,
    scheme: 'Oranges',
    fill: 'dark-orange',
    exponent: 0.5,
    reverse: false,
    steps: 64,
  },
  exemplars: { color: 'rgba(255,0,255,0.7)' },
  filterValues: { le: 1e-9 },
  legend: { show: true },
  showValue: VisibilityMode.Never,
  tooltip: { mode: TooltipDisplayMode.Single, yHistogram: false },
  yAxis: { unit: 's' },
};
const heatField: HeatmapFieldConfig = { scaleDistribution: { type: ScaleDistribution.Linear } };

export const speedRow: Row = {
  title: 'How fast do green revisions get there?',
  panels: [
    basePanel(
      'heatmap',
      {
        title: 'From the end of the last build to the moved branch',
        description:
          'How many promotions took how long. Most take a fraction of a second; what takes a minute came by polling, because an event was lost.',
        width: 12,
        height: 8,
        unit: 's',
        queries: [
          { expr: `sum by (le) (increase(${bucket}[$__rate_interval]))`, legend: '{{le}}', kind: 'heatmap' },
        ],
      },
      heatField,
      heat,
    ),
    graph({
      title: 'The same, in numbers',
      description:
        'What half of the promotions, and 19 of 20, stayed below. The alert comes at ten seconds for 19 of 20.',
      width: 12,
      height: 8,
      unit: 's',
      queries: [
        { expr: quantile(0.5), legend: 'half' },
        { expr: quantile(0.95), legend: '19 of 20' },
      ],
    }),
  ],
};
