/**
 * git's way into a repository on GitHub, for fetching: over https with the same token as the API. The token reaches git
 * through a file that the askpass program prints, as any password does (git/environment.ts).
 */
import { writeFile } from 'node:fs/promises';
import type { Git } from '../git/run.ts';
import type { Credentials } from './credentials.ts';

/** GitHub takes any user name beside a token; this is the one that its documentation uses for apps. */
const USERNAME = 'x-access-token';

/** Variables for git that make askpass answer with what is in this file. */
export function askpassFor(file: string, askpass: string): Record<string, string> {
  return {
    GIT_ASKPASS: askpass,
    LPBUILDBOT_HTTPS_USERNAME: USERNAME,
    LPBUILDBOT_HTTPS_PASSWORD_FILE: file,
  };
}

/** A git whose password file always has a token that is good: those of an app last for an hour. */
export function withFreshToken(git: Git, credentials: Credentials, file: string): Git {
  let written: string | undefined;
  return {
    run: async (args, call) => {
      if (args[0] === 'fetch') {
        const token = await credentials.token();
        if (token !== written) await writeFile(file, `${token}\n`, { mode: 0o600 });
        written = token;
      }
      return await git.run(args, call);
    },
    killAll: () => git.killAll(),
  };
}
