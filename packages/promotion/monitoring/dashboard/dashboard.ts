/**
 * The dashboard, from which `dashboard.json` is made (`npm run dashboard`, then `npm run format`): code, because the compiler checks it
 * against Grafana's own types, and because nobody can place forty panels by hand without two of them overlapping.
 */
import {
  type Dashboard,
  DashboardCursorSync,
  VariableHide,
  VariableRefresh,
  VariableSort,
} from '@grafana/schema';
import { laidOut } from './layout.ts';
import { datasource } from './panels.ts';
import { queueRow, workersRow } from './rows/builds.ts';
import { freshRow } from './rows/fresh.ts';
import { failuresRow, newsRow } from './rows/service.ts';
import { speedRow } from './rows/speed.ts';

/** What Grafana 10.4 writes; later ones bring it up to theirs when they load it. */
const SCHEMA_VERSION = 39;

export const dashboard: Dashboard = {
  uid: 'lpbuildbot',
  title: 'lpbuildbot',
  description:
    'Tested branches: whether they are fresh, and if not, why. Alerts and metrics: docs/reference/metrics.md.',
  tags: ['lpbuildbot', 'buildbot'],
  schemaVersion: SCHEMA_VERSION,
  version: 1,
  editable: true,
  graphTooltip: DashboardCursorSync.Crosshair,
  time: { from: 'now-24h', to: 'now' },
  timepicker: {},
  timezone: 'browser',
  refresh: '1m',
  links: [],
  annotations: {
    list: [
      {
        name: 'The service was started',
        datasource,
        enable: true,
        hide: false,
        iconColor: 'blue',
        target: {
          refId: 'Anno',
          ...{
            // The value is taken for the time, in milliseconds.
            expr: '1000 * process_start_time_seconds and on (instance) lpbuildbot_build_info',
            legendFormat: '{{instance}}',
            useValueForTime: true,
          },
        },
      },
    ],
  },
  templating: {
    list: [
      {
        name: 'datasource',
        label: 'Data source',
        type: 'datasource',
        query: 'prometheus',
        regex: '',
        hide: VariableHide.dontHide,
        refresh: VariableRefresh.onDashboardLoad,
        includeAll: false,
        multi: false,
        options: [],
      },
      {
        name: 'project',
        label: 'Project',
        type: 'query',
        datasource,
        query: { qryType: 1, query: 'label_values(lpbuildbot_pair_state, project)', refId: 'projects' },
        regex: '',
        hide: VariableHide.dontHide,
        refresh: VariableRefresh.onTimeRangeChanged,
        sort: VariableSort.alphabeticalAsc,
        includeAll: true,
        allValue: '.*',
        multi: true,
        current: { selected: true, text: ['All'], value: ['$__all'] },
        options: [],
      },
    ],
  },
  panels: laidOut([freshRow, speedRow, queueRow, workersRow, failuresRow, newsRow]),
};

/** The file's text. */
export function dashboardJson(): string {
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}
