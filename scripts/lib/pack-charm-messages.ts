/** What packing a charm says to people. */

export const charmYamlWrong = (file: string, problems: readonly string[]): string =>
  `${file} is not as it should be:\n${problems.map((problem) => `  ${problem}`).join('\n')}`;

export const charmTooLarge = (name: string, bytes: number, most: number): string =>
  `${name} is ${(bytes / 1e6).toFixed(1)} MB, and at most ${most / 1e6} MB are allowed.`;

export const wheelsFailed = (python: string, output: string): string =>
  `the wheels for Python ${python} could not be had: ${output.trim().split('\n').slice(-5).join('\n')}`;

export const fetchingWheels = (python: string, architecture: string): string =>
  `fetching the wheels for Python ${python} on ${architecture} (once)`;

export const compressingCharm = (name: string): string => `compressing ${name}`;
