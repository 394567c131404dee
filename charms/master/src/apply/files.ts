/** Files as planned: written when they differ, removed when they are not wanted. */
import type { Change, Machine } from '../machine/machine.ts';
import { places } from '../places.ts';
import type { PlannedFile } from '../plan/files.ts';

export async function applyFiles(
  machine: Machine,
  planned: readonly (PlannedFile | { readonly path: string })[],
): Promise<Change> {
  let change: Change = 'same';
  for (const file of planned) {
    const done =
      'content' in file
        ? await machine.files.write(file.path, contentOf(file))
        : await machine.files.remove(file.path);
    if (done === 'changed') change = 'changed';
  }
  return change;
}

function contentOf({ content, mode, owner }: PlannedFile) {
  return owner === undefined ? { content, mode } : { content, mode, owner };
}

/** Exactly these files lie in a directory. */
export async function applyDirectory(
  machine: Machine,
  path: string,
  files: readonly PlannedFile[],
): Promise<void> {
  await applyFiles(machine, files);
  const wanted = new Set(files.map((file) => file.path));
  for (const name of await machine.files.list(path)) {
    if (!wanted.has(`${path}/${name}`)) await machine.files.remove(`${path}/${name}`);
  }
}

export async function writeUnit(machine: Machine, name: string, text: string): Promise<void> {
  const change = await machine.files.write(`${places.units}/${name}`, { content: text, mode: 0o644 });
  if (change === 'changed') await machine.services.reload();
}
