/** Reads what a program tells Prometheus: https://prometheus.io/docs/instrumenting/exposition_formats/, the text format. */

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** By name. Throws on a line that is not of the format, and on a sample without a TYPE. */
export function parseExposition(text: string): ReadonlyMap<string, Family> {
  const families = new Map<string, Family & { readonly samples: Sample[] }>();
  const helps = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, what, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (what === 'HELP') helps.set(name, rest);
    else if (what === 'TYPE')
      families.set(name, { name, type: rest, help: helps.get(name) ?? '', samples: [] });
    else if (line !== '') {
      const sample = parseSample(line);
      const family =
        families.get(sample.name) ?? families.get(sample.name.replace(/_(bucket|sum|count)$/, ''));
      if (family === undefined) throw new Error(`${sample.name} has no TYPE before it`);
      family.samples.push(sample);
    }
  }
  return families;
}

function parseSample(line: string): Sample {
  const [, name, labelText = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (name === undefined || value === undefined) throw new Error(`not a sample: ${line}`);
  const labels = [...labelText.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"(?:,|$)/g)].map(
    ([, label = '', text = '']) => [label, unescaped(text)] as const,
  );
  return { name, labels: Object.fromEntries(labels), value: value === '+Inf' ? Infinity : Number(value) };
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
}

/** The value of the one sample that has these labels, whatever others it has; undefined when there is none. */
export function sampleOf(
  families: ReadonlyMap<string, Family>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const family = families.get(name) ?? families.get(name.replace(/_(bucket|sum|count)$/, ''));
  const found = (family?.samples ?? []).filter(
    (sample) =>
      sample.name === name && Object.entries(labels).every(([label, text]) => sample.labels[label] === text),
  );
  if (found.length > 1) throw new Error(`${name} has ${found.length} samples with ${JSON.stringify(labels)}`);
  return found[0]?.value;
}
