/** What `npm run check:mojo` says to people. */
import { type Problem, showProblem } from './problem.ts';

export const messages = {
  problems: (problems: readonly Problem[]): string => problems.map(showProblem).join('\n'),
  static: (files: number, problems: number): string =>
    problems === 0
      ? `the spec is well formed: ${files} files, in every stage`
      : `${problems} mistake${problems === 1 ? '' : 's'} in the spec`,
  notRun:
    'not run on the rig: that takes root and LXD. As root, `npm run check:mojo` runs the manifests of devel too.',
  notRunAsAsked: 'not run on the rig, as asked for.',
  obstacle: (sentence: string): string => `the manifests cannot be run on the rig: ${sentence}`,
  running: (manifest: string, stage: string): string => `running ${manifest} of ${stage} on the rig`,
  phase: (line: number, words: string): string => `  phase ${line}: ${words}`,
  done: (manifest: string, seconds: number): string => `${manifest} went through in ${seconds} s`,
  failed: (manifest: string, reason: string): string => `${manifest} failed: ${reason}`,
  usage: 'usage: npm run check:mojo [-- --static]\n  --static: only what needs neither root nor LXD\n',

  notThere: (name: string, stage: string): string => `write ${stage}/${name} or ${name}`,
  noExecutable: 'chmod +x it',
  noBash: 'begin with #!/bin/bash',
  noStrictShell: 'write "set -euo pipefail" before the first command',
  noVariable: (names: readonly string[]): string =>
    `give a default, as in \${${names[0]}:-…}: nobody exports it`,
  jujuRefuses: 'mend it, or Juju will refuse it',
  unknownVariable: 'Mojo is known to give series, stage_name, local_dir and what is exported as MOJO_…',
  otherThanInBundle: (application: string, file: string): string =>
    `write ${application} as in ${file}: both deploy it`,
};
