/** The files that the configuration names: the pipeline files, read, and the secrets, which must be there. */
import { access, constants } from 'node:fs/promises';
import { formatMistakes, loadPipelines, type Pipeline } from '@lpbuildbot/pipeline';
import { type Config, ConfigError } from './config.ts';
import { messages } from './messages.ts';

/** Throws ConfigError with all mistakes in them. */
export async function readPipelineFiles(files: readonly string[]): Promise<readonly Pipeline[]> {
  const reading = await loadPipelines(files);
  if (reading.kind === 'refused')
    throw new ConfigError(messages.pipelinesWrong(formatMistakes(reading.mistakes)));
  return reading.pipelines;
}

/** Throws ConfigError when one of them cannot be read. */
export async function checkSecrets(config: Config): Promise<void> {
  const git = ['ssh-key-file', 'known-hosts-file', 'https-password-file', 'ca-file'] as const;
  const named = [
    ...git.map((key) => [`git.${key}`, config.git[key]] as const),
    ...config.github.flatMap((site, place) =>
      (['token-file', 'app-key-file'] as const).map((key) => [`github.${place}.${key}`, site[key]] as const),
    ),
    ['mattermost.webhook-file', config.mattermost?.['webhook-file']] as const,
    ['mattermost.ca-file', config.mattermost?.['ca-file']] as const,
    ['mail.password-file', config.mail?.['password-file']] as const,
    ['mail.ca-file', config.mail?.['ca-file']] as const,
  ];
  for (const [key, file] of named) {
    if (file === undefined) continue;
    try {
      await access(file, constants.R_OK);
    } catch (error) {
      throw new ConfigError(messages.secretMissing(key, file, error), { cause: error });
    }
  }
}
