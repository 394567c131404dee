/** Lets git tidy copies up: what fails there is tried again the next time, and keeps no branch from moving. */
import type { Mirror } from './mirror.ts';

export async function maintainCopies(
  mirrors: Iterable<Mirror>,
  log: { warn(data: object, message: string): void },
): Promise<void> {
  for (const mirror of mirrors) {
    try {
      await mirror.maintain();
    } catch (error) {
      log.warn({ error }, 'git gc failed');
    }
  }
}
