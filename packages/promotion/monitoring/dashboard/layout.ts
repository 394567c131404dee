/** Gives panels their places: from left to right, and below when a line is full. Pure. */
import type { Panel, RowPanel } from '@grafana/schema';
import type { Sized } from './panels.ts';

export interface Row {
  readonly title: string;
  readonly panels: readonly Sized[];
}

const COLUMNS = 24;

/** Rows from top to bottom; numbers are given in the order of reading. */
export function laidOut(rows: readonly Row[]): (Panel | RowPanel)[] {
  const placed: (Panel | RowPanel)[] = [];
  let y = 0;
  for (const { title, panels } of rows) {
    const head = { x: 0, y, w: COLUMNS, h: 1 };
    placed.push({ type: 'row', id: placed.length + 1, title, collapsed: false, panels: [], gridPos: head });
    y += 1;
    let x = 0;
    let lineHeight = 0;
    for (const { width, height, panel } of panels) {
      if (x + width > COLUMNS) {
        x = 0;
        y += lineHeight;
        lineHeight = 0;
      }
      placed.push({ ...panel, id: placed.length + 1, gridPos: { x, y, w: width, h: height } });
      x += width;
      lineHeight = Math.max(lineHeight, height);
    }
    y += lineHeight;
  }
  return placed;
}
