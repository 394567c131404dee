/** What the pages name already, and other work brings: remove each from here once it is there. */
export const awaitedPages: readonly string[] = [];

export const awaitedScripts: readonly string[] = [];
