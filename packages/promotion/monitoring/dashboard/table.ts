/** Tables that are joined from several questions, a row for each set of labels that these share. */
import { MappingType, type TableOptions, ThresholdsMode, type ValueMapping } from '@grafana/schema';
import { basePanel, type Sized, type Step } from './panels.ts';

/** A column with a number in it, asked for by a question of its own. */
interface Column {
  /** Undefined for one that is not shown, and only brings labels. */
  readonly title: string | undefined;
  readonly expr: string;
  readonly unit?: string;
  readonly decimals?: number;
  readonly thresholds?: readonly Step[];
  readonly mappings?: readonly ValueMapping[];
}

export interface TableAbout {
  readonly title: string;
  readonly description: string;
  readonly width: number;
  readonly height: number;
  /** The labels that make a row, by what their columns are called. */
  readonly labels: Readonly<Record<string, string>>;
  readonly columns: readonly Column[];
  /** A label whose words have colours. */
  readonly coloured?: { readonly title: string; readonly colours: Readonly<Record<string, string>> };
}

export function table(about: TableAbout): Sized {
  const { title, description, width, height, labels, columns, coloured } = about;
  const queries = columns.map(({ expr }) => ({ expr, kind: 'table' as const }));
  const options: TableOptions = { frameIndex: 0, showHeader: true };
  const sized = basePanel(
    'table',
    { title, description, width, height, queries, noValue: '' },
    { align: 'auto', cellOptions: { type: 'auto' }, inspect: false },
    options,
  );
  const names = columns.map((_, index) => (columns.length === 1 ? 'Value' : `Value #${letter(index)}`));
  const order = [...Object.keys(labels), ...names];
  const titles = [...Object.values(labels), ...columns.map((column, index) => column.title ?? names[index])];
  const hidden = names.filter((_, index) => columns[index]?.title === undefined);
  const overrides = [
    ...columns
      .filter((column) => column.title !== undefined)
      .map((column) => ({
        matcher: { id: 'byName', options: column.title },
        properties: columnProperties(column),
      })),
    ...(coloured === undefined ? [] : [colouredOverride(coloured.title, coloured.colours)]),
  ];
  return {
    ...sized,
    panel: {
      ...sized.panel,
      fieldConfig: { defaults: sized.panel.fieldConfig?.defaults ?? {}, overrides },
      transformations: [
        { id: 'merge', options: {} },
        {
          id: 'organize',
          options: {
            excludeByName: Object.fromEntries(['Time', ...hidden].map((name) => [name, true])),
            indexByName: Object.fromEntries(order.map((name, index) => [name, index])),
            renameByName: Object.fromEntries(order.map((name, index) => [name, titles[index]])),
          },
        },
      ],
    },
  };
}

function letter(index: number): string {
  return String.fromCharCode(65 + index);
}

function columnProperties({ unit, decimals, thresholds, mappings }: Column) {
  const steps = thresholds?.map(([value, color]) => ({ value, color }));
  return [
    ...(unit === undefined ? [] : [{ id: 'unit', value: unit }]),
    ...(decimals === undefined ? [] : [{ id: 'decimals', value: decimals }]),
    ...(mappings === undefined ? [] : [{ id: 'mappings', value: mappings }]),
    ...(steps === undefined
      ? []
      : [
          { id: 'thresholds', value: { mode: ThresholdsMode.Absolute, steps } },
          { id: 'custom.cellOptions', value: { type: 'color-text' } },
        ]),
  ];
}

function colouredOverride(title: string, colours: Readonly<Record<string, string>>) {
  const mapping: ValueMapping = {
    type: MappingType.ValueToText,
    options: Object.fromEntries(
      Object.entries(colours).map(([word, color], index) => [word, { color, text: word, index }]),
    ),
  };
  return {
    matcher: { id: 'byName', options: title },
    properties: [
      { id: 'mappings', value: [mapping] },
      { id: 'custom.cellOptions', value: { type: 'color-background' } },
    ],
  };
}
