/** Debian's Prometheus and its promtool, for tests of what it is told; those are skipped where there is none, and say so. */
import { access, constants, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import { freePort } from './ports.ts';
import { Child } from './processes.ts';
import { waitUntil } from './wait.ts';

export const noPrometheus = 'there is no Prometheus: apt-get install prometheus';

/** Where both programs are; undefined when one of them is missing. */
export async function findPrometheus(): Promise<Programs | undefined> {
  const [promtool, prometheus] = await Promise.all([find('promtool'), find('prometheus')]);
  return promtool === undefined || prometheus === undefined ? undefined : { promtool, prometheus };
}

export interface Programs {
  readonly promtool: string;
  readonly prometheus: string;
}

async function find(program: string): Promise<string | undefined> {
  for (const directory of (process.env.PATH ?? '').split(delimiter).filter((one) => one !== '')) {
    const file = join(directory, program);
    const found = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return file;
  }
  return undefined;
}

/** Runs promtool; its exit code and everything that it has written. */
export async function promtool(
  programs: Programs,
  args: readonly string[],
  input = '',
): Promise<{ readonly code: number; readonly text: string }> {
  const { exitCode, all } = await execa(programs.promtool, args, { all: true, reject: false, input });
  return { code: exitCode ?? -1, text: all };
}

const answerSchema = z.discriminatedUnion('status', [
  z.object({ status: z.literal('success'), data: z.unknown() }),
  z.object({ status: z.literal('error'), error: z.string() }),
]);
const resultSchema = z.object({
  result: z.array(z.looseObject({ metric: z.record(z.string(), z.string()) })),
});
const targetsSchema = z.object({
  activeTargets: z.array(z.object({ health: z.string(), lastError: z.string(), scrapeUrl: z.string() })),
});
const rulesSchema = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({
          name: z.string(),
          health: z.string(),
          lastError: z.string().optional(),
          state: z.string(),
        }),
      ),
    }),
  ),
});

export class Prometheus implements AsyncDisposable {
  readonly #url: string;
  readonly #process: Child;

  private constructor(url: string, process: Child) {
    this.#url = url;
    this.#process = process;
  }

  /**
   * Starts a server on loopback that scrapes and evaluates every second.
   * @param directory its own, for its settings and its data.
   * @param jobs by name: the `host:port` that is scraped at `/metrics`.
   */
  static async start(
    programs: Programs,
    directory: string,
    jobs: Readonly<Record<string, string>>,
    rules: readonly string[],
  ): Promise<Prometheus> {
    await mkdir(directory, { recursive: true });
    const file = join(directory, 'prometheus.json');
    const settings = {
      global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
      rule_files: rules,
      scrape_configs: Object.entries(jobs).map(([name, target]) => ({
        job_name: name,
        static_configs: [{ targets: [target] }],
      })),
    };
    // JSON is YAML.
    await writeFile(file, JSON.stringify(settings));
    const port = await freePort();
    const child = await Child.start(programs.prometheus, [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ]);
    const prometheus = new Prometheus(`http://127.0.0.1:${port}/`, child);
    await waitUntil('Prometheus to scrape', async () => {
      if (!child.running) throw new Error(`Prometheus ended:\n${child.output}`);
      const targets = await prometheus.#ask('targets').catch(() => undefined);
      const { activeTargets } = targetsSchema.safeParse(targets).data ?? { activeTargets: [] };
      return activeTargets.length > 0 && activeTargets.every(({ health }) => health === 'up');
    });
    return prometheus;
  }

  /** The label sets of what a question brings now. Throws when Prometheus does not take it. */
  async query(expr: string): Promise<readonly Readonly<Record<string, string>>[]> {
    const { result } = resultSchema.parse(await this.#ask(`query?query=${encodeURIComponent(expr)}`));
    return result.map(({ metric }) => metric);
  }

  /** Every rule, with what came of its last evaluation. */
  async rules(): Promise<z.infer<typeof rulesSchema>['groups'][number]['rules']> {
    return rulesSchema.parse(await this.#ask('rules')).groups.flatMap((group) => group.rules);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }

  async #ask(path: string): Promise<unknown> {
    const response = await fetch(`${this.#url}api/v1/${path}`);
    const answer = answerSchema.parse(await response.json());
    if (answer.status === 'error') throw new Error(`${path}: ${answer.error}`);
    return answer.data;
  }
}
