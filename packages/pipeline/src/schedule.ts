/**
 * When a merge is made. Cron expressions are judged by the library that the promotion service runs them with, so that
 * what is accepted here means the same there. Reading and printing stand together, so that each undoes the other.
 */
import { CronExpressionParser } from 'cron-parser';
import type { Schedule } from './model.ts';

const namesOfMonthsAndDays = /jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|sun|mon|tue|wed|thu|fri|sat/gi;

/** `promotion`, `manual` or five cron fields in UTC; nothing when the text is none of these. */
export function parseSchedule(text: string): Schedule | undefined {
  if (text === 'promotion' || text === 'manual') return { kind: text };
  const expression = text.trim().split(/\s+/).join(' ');
  return isCron(expression) ? { kind: 'cron', expression } : undefined;
}

export function printSchedule(schedule: Schedule): string {
  return schedule.kind === 'cron' ? schedule.expression : schedule.kind;
}

function isCron(expression: string): boolean {
  if (expression.split(' ').length !== 5) return false;
  // The library takes `H` for a random value, which would differ at every start.
  if (/h/i.test(expression.replace(namesOfMonthsAndDays, ''))) return false;
  try {
    CronExpressionParser.parse(expression, { tz: 'UTC' });
    return true;
  } catch {
    return false;
  }
}
