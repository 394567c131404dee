/** Results of actions and commands, as the client prints them when no format is asked for. */
import { goYaml, naturally, sorted } from './go-text.ts';

export type Results = Readonly<Record<string, TaskShown>>;

export interface TaskShown {
  readonly id: string;
  readonly status: string;
  readonly unit: string;
  readonly message?: string;
  readonly results?: Readonly<Record<string, unknown>>;
  readonly log?: readonly string[];
  readonly timing: Readonly<Record<string, string>>;
}

const beside = ['stdout', 'stdout-encoding', 'stderr', 'stderr-encoding', 'return-code'];

/** Of one task, its results and then what it printed; of several, YAML by unit. */
export function plain(results: Results): string {
  const [one, ...more] = Object.values(results);
  if (one === undefined) return '';
  if (more.length > 0) {
    return goYaml(
      sorted(
        Object.fromEntries(
          Object.entries(results).map(([unit, { id, status, message, results: own }]) => [
            unit,
            { id, status, output: outputOf(own), ...(message !== undefined && { message }) },
          ]),
        ),
      ),
    );
  }
  const output = one.results === undefined ? `Task ${one.id} ${one.status}` : outputOf(one.results);
  const lines = [
    ...(one.status === 'completed' ? [] : [`Action id ${one.id} failed: ${one.message ?? '<nil>'}`]),
    ...(one.status === 'error' ? [] : [output]),
    ...['stdout', 'stderr'].flatMap((key) => {
      const text = String(one.results?.[key] ?? '').replace(/^\n+|\n+$/g, '');
      return text === '' ? [] : [text];
    }),
  ];
  return `${lines.join('\n')}\n`;
}

function outputOf(results: Readonly<Record<string, unknown>> = {}): string {
  const own = Object.entries(results).filter(([key]) => !beside.includes(key));
  return own.length === 0 ? '' : goYaml(sorted(Object.fromEntries(own)));
}

export function printed(results: Results): string {
  const texts = Object.entries(results)
    .toSorted(([one], [other]) => naturally(one, other))
    .map(([unit, { results: own = {} }]) => {
      const text = ['stdout', 'stderr'].map((key) => withNewline(String(own[key] ?? ''))).join('');
      return [unit, text] as const;
    });
  if (texts.length === 1) return texts[0]?.[1] ?? '';
  return texts.map(([unit, text]) => `${unit}:\n${text}\n`).join('');
}

function withNewline(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}
