/**
 * Calls something at the times of a cron expression, on a clock that people and ntp set. node-cron reads the expression
 * and never sleeps by it: its own timer counts every tick that a forward jump has skipped, one by one, and a machine
 * that starts in 1970 then stands still for minutes; after a jump back it sleeps until the old time has come again.
 */
import { createTask } from 'node-cron';

/** The longest sleep, in milliseconds: so soon is it noticed that the clock was set. */
const LONGEST_SLEEP = 5_000;

/**
 * @param tick called at each time, and at once when the clock was set back or past a time; not while its last call has
 * yet to end. It must not reject.
 */
export function startTicks(expression: string, tick: () => Promise<void>): { stop(): void } {
  const task = createTask(expression, () => {});
  const nextTime = () => task.getNextRuns(1)[0]?.getTime() ?? Number.POSITIVE_INFINITY;
  let next = nextTime();
  let before = Date.now();
  let timer: NodeJS.Timeout;
  let busy = false;

  const sleep = () => {
    timer = setTimeout(look, Math.min(LONGEST_SLEEP, Math.max(1, next - Date.now())));
  };
  const look = () => {
    const now = Date.now();
    if (now >= next || now < before) {
      next = nextTime();
      if (!busy) {
        busy = true;
        void tick().finally(() => {
          busy = false;
        });
      }
    }
    before = now;
    sleep();
  };
  sleep();
  return {
    stop() {
      clearTimeout(timer);
      void task.destroy();
    },
  };
}
