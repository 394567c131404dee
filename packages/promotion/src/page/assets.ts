/** What the page loads beside itself: its script, its style sheet, its icon. Their address has their version, so they are kept. */
import { createHash } from 'node:crypto';
import { span } from '../words.ts';
import { client } from './client.ts';
import { html, markup } from './html.ts';
import { styleSheet } from './styles.ts';
import type { Tone } from './view.ts';

/** Functions as they are written, types left out: the browser needs nothing else. */
const script = `(${client})(window, ${span});\n`;

/** The version of both; another one means that an open page loads itself again. */
export const assetsVersion: string = createHash('sha256')
  .update(script)
  .update(styleSheet)
  .digest('hex')
  .slice(0, 12);

export const assets = {
  'page.js': { type: 'text/javascript; charset=utf-8', text: script },
  'page.css': { type: 'text/css; charset=utf-8', text: styleSheet },
} as const;

const iconColours: Readonly<Record<Tone, string>> = {
  broken: '#d0362b',
  held: '#8a5cd0',
  unknown: '#77808c',
  waiting: '#b98200',
  busy: '#2f7de0',
  calm: '#3f8197',
  fresh: '#1f9d57',
};

/** The icon in the browser's tab, in the colour of how things are. */
export function tabIcon(tone: Tone): string {
  return markup(
    html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="6" fill="${iconColours[tone]}"/><path d="M5 17h4l5-10h5M16 4l3 3-3 3" fill="none" stroke="#fff" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round"/></svg>`,
  );
}
