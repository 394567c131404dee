/**
 * The kinds of panels that the dashboard has, in Grafana's own types, so that the compiler knows a mistake in an option. A
 * panel does not know where it stands: `layout.ts` gives it its place and its number.
 */
import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueJustifyMode,
  BigValueTextMode,
  type DataSourceRef,
  type FieldConfig,
  GraphDrawStyle,
  type GraphFieldConfig,
  LegendDisplayMode,
  type Panel,
  PercentChangeColorMode,
  type SingleStatBaseOptions,
  SortOrder,
  StackingMode,
  ThresholdsMode,
  TooltipDisplayMode,
  type ValueMapping,
  VisibilityMode,
  VizOrientation,
} from '@grafana/schema';
import type { Options as StatOptions } from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type {
  FieldConfig as TimelineFieldConfig,
  Options as TimelineOptions,
} from '@grafana/schema/dist/esm/raw/composable/statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen';
import type { Options as TimeSeriesOptions } from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';

/** The data source that whoever looks has chosen. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Grafana's.
export const datasource: DataSourceRef = { type: 'prometheus', uid: '${datasource}' };

/** A panel before it has its place. */
export interface Sized {
  /** In columns, of which there are 24. */
  readonly width: number;
  /** In rows of 30 pixels. */
  readonly height: number;
  readonly panel: Panel;
}

interface Query {
  readonly expr: string;
  /** Grafana's pattern for the name of a series, as in `{{builder}}`. */
  readonly legend?: string;
  /** `instant`: only what is the case now. Default: the whole time. */
  readonly kind?: 'instant' | 'table' | 'heatmap';
}

interface About {
  readonly title: string;
  /** Says what is to be seen, and what to do when it looks bad. */
  readonly description: string;
  readonly width: number;
  readonly height: number;
  readonly queries: readonly Query[];
  /** https://github.com/grafana/grafana/blob/main/packages/grafana-data/src/valueFormats/categories.ts */
  readonly unit?: string;
  readonly decimals?: number;
  readonly min?: number;
  readonly thresholds?: readonly Step[];
  readonly mappings?: readonly ValueMapping[];
  /** What is shown when there is nothing. */
  readonly noValue?: string;
}

/** From this value on, in this colour; the first one has no value. */
export type Step = readonly [value: number | null, colour: string];

function targets(queries: readonly Query[]): Record<string, unknown>[] {
  return queries.map(({ expr, legend, kind }, index) => ({
    refId: String.fromCharCode(65 + index),
    datasource,
    editorMode: 'code',
    expr,
    legendFormat: legend ?? '__auto',
    instant: kind === 'instant' || kind === 'table',
    range: kind === undefined || kind === 'heatmap',
    ...(kind === 'table' ? { format: 'table' } : kind === 'heatmap' ? { format: 'heatmap' } : {}),
  }));
}

function fieldDefaults(about: About, custom: object): FieldConfig {
  const { unit, decimals, min, thresholds, mappings, noValue } = about;
  return {
    custom: { ...custom },
    ...(unit !== undefined && { unit }),
    ...(decimals !== undefined && { decimals }),
    ...(min !== undefined && { min }),
    ...(noValue !== undefined && { noValue }),
    mappings: [...(mappings ?? [])],
    thresholds: {
      mode: ThresholdsMode.Absolute,
      steps: (thresholds ?? [[null, 'green']]).map(([value, color]) => ({ value, color })),
    },
  };
}

/** What all panels have. */
export function basePanel(type: string, about: About, custom: object, options: object): Sized {
  const { title, description, width, height, queries } = about;
  const panel: Panel = {
    type,
    title,
    description,
    datasource,
    targets: targets(queries),
    fieldConfig: { defaults: fieldDefaults(about, custom), overrides: [] },
    options: { ...options },
  };
  return { width, height, panel };
}

const lastValue: SingleStatBaseOptions = {
  orientation: VizOrientation.Auto,
  reduceOptions: { calcs: ['lastNotNull'], values: false, fields: '' },
};

/** Numbers that can be read from across the room. */
export function stat(about: About, more: Partial<StatOptions> = {}): Sized {
  const options: StatOptions = {
    ...lastValue,
    colorMode: BigValueColorMode.Background,
    graphMode: BigValueGraphMode.None,
    justifyMode: BigValueJustifyMode.Auto,
    percentChangeColorMode: PercentChangeColorMode.Standard,
    showPercentChange: false,
    textMode: BigValueTextMode.Auto,
    wideLayout: true,
    ...more,
  };
  return basePanel('stat', about, {}, options);
}

/** Lines over time. `bars` for what has happened in between, `stacked` for parts of a whole. */
export function graph(about: About, look: 'lines' | 'bars' | 'stacked' = 'lines'): Sized {
  const custom: GraphFieldConfig = {
    drawStyle: look === 'bars' ? GraphDrawStyle.Bars : GraphDrawStyle.Line,
    fillOpacity: look === 'bars' ? 80 : look === 'stacked' ? 30 : 10,
    lineWidth: look === 'bars' ? 0 : 1,
    stacking: { mode: look === 'lines' ? StackingMode.None : StackingMode.Normal, group: 'A' },
    showPoints: VisibilityMode.Never,
  };
  const options: TimeSeriesOptions = {
    legend: { displayMode: LegendDisplayMode.List, placement: 'bottom', showLegend: true, calcs: [] },
    tooltip: { mode: TooltipDisplayMode.Multi, sort: SortOrder.Descending },
  };
  return basePanel('timeseries', { min: 0, ...about }, custom, options);
}

/** What was the case, and for how long. */
export function timeline(about: About): Sized {
  const custom: TimelineFieldConfig = { fillOpacity: 80, lineWidth: 0 };
  const options: TimelineOptions = {
    mergeValues: true,
    rowHeight: 0.85,
    showValue: VisibilityMode.Never,
    legend: { displayMode: LegendDisplayMode.List, placement: 'bottom', showLegend: true, calcs: [] },
    tooltip: { mode: TooltipDisplayMode.Single, sort: SortOrder.None },
  };
  return basePanel('state-timeline', about, custom, options);
}
