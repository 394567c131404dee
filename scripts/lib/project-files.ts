/** Which files of the project are Python, shell or reStructuredText: those git knows of, and new ones that it does not ignore. */
import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';

const shebang = /^#!\s*\S*(?:\/env\s+)?(?:-\S+\s+)*\S*\b(?:ba|da|k)?sh\b/;

/** Whether a file is shell, by its name or else by its first line (only asked for when the name does not tell). */
export function isShell(path: string, firstLine: () => string): boolean {
  if (/\.(sh|bash)$/.test(path)) return true;
  const name = path.slice(path.lastIndexOf('/') + 1);
  // Maintainer scripts (`postinst`, `lpbuildbot-worker.postinst`) and hooks carry no extension of their own.
  if (/\.(?!preinst|postinst|prerm|postrm|config|init)[^.]+$/.test(name)) return false;
  return shebang.test(firstLine());
}

export interface ProjectFiles {
  readonly python: readonly string[];
  /** The `pyproject.toml` files, which hold the settings of the Python tools. */
  readonly settings: readonly string[];
  readonly shell: readonly string[];
  /** reStructuredText. */
  readonly manuals: readonly string[];
}

/** Paths relative to `root`, the top of the repository. */
export function projectFiles(root: string): ProjectFiles {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const paths = listed.split('\0').filter((path) => path !== '' && existsSync(join(root, path)));
  return {
    python: paths.filter((path) => /\.pyi?$/.test(path) || path.endsWith('/master.cfg')),
    settings: paths.filter((path) => /(^|\/)pyproject\.toml$/.test(path)),
    shell: paths.filter((path) => isShell(path, () => firstLine(join(root, path)))),
    manuals: paths.filter((path) => path.endsWith('.rst')),
  };
}

function firstLine(path: string): string {
  const buffer = Buffer.alloc(128);
  const file = openSync(path, 'r');
  try {
    const length = readSync(file, buffer);
    return buffer.toString('latin1', 0, length).split('\n')[0] ?? '';
  } finally {
    closeSync(file);
  }
}
