/**
 * From text to a tree of YAML with bounded effort: the parser is fed token by token, so that reading stops at the first
 * token too many or level too deep, before memory is spent. YAML 1.2 core schema, no tags, no merge keys.
 */
import { Composer, type Document, Lexer, type Node, Parser, type YAMLError } from 'yaml';
import { files, type Words, yaml } from './messages.ts';
import { positionsIn } from './positions.ts';
import { deepest, type Flaw, invisible, plant, type Tree } from './yaml-tree.ts';

export interface YamlReading {
  /** Nothing when the text is so wrong that looking further would only find what follows from it. */
  readonly tree?: Tree;
  readonly flaws: readonly Flaw[];
  /** How many tokens were read, for a bound over several files. */
  readonly tokens: number;
}

/** Never throws. Takes no more than `tokenLimit` tokens of YAML. */
export function readYaml(text: string, tokenLimit: number): YamlReading {
  const strange = invisibleIn(text);
  if (strange.length > 0) return { flaws: strange, tokens: 0 };
  const position = positionsIn(text);
  const lineOf = (offset: number) => position(offset).line;
  const { root, flaws, tokens } = parse(text, tokenLimit);
  return root === undefined
    ? { flaws: firstOfLine(flaws, lineOf), tokens }
    : { ...plant(root, lineOf), tokens };
}

/** The parser stumbles on; what it says further on in a line follows from the first stumble. */
function firstOfLine(flaws: readonly Flaw[], lineOf: (offset: number) => number): Flaw[] {
  const first = new Map<number, Flaw>();
  for (const flaw of flaws.toSorted((a, b) => a.offset - b.offset)) {
    const line = lineOf(flaw.offset);
    if (!first.has(line)) first.set(line, flaw);
  }
  return [...first.values()];
}

function invisibleIn(text: string): Flaw[] {
  const flaws: Flaw[] = [];
  for (const match of text.matchAll(invisible)) {
    flaws.push({ offset: match.index, ...files.control(match[0]) });
    if (flaws.length === 10) break;
  }
  return flaws;
}

function parse(text: string, tokenLimit: number): { root?: Node; flaws: readonly Flaw[]; tokens: number } {
  let tokens = 0;
  const documents: Document.Parsed[] = [];
  const parser = new Parser();
  const composer = new Composer({
    uniqueKeys: false,
    stringKeys: true,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const refuse = (offset: number, words: Words) => ({ flaws: [{ offset, ...words }], tokens });
  return withoutStackTraces(() => {
    for (const lexeme of new Lexer().lex(text)) {
      tokens += 1;
      if (tokens > tokenLimit) return refuse(parser.offset, files.tooManyTokens());
      for (const token of parser.next(lexeme)) documents.push(...composer.next(token));
      // Below the maps and lists lies the document, on top of them may be a scalar.
      if (parser.stack.length > deepest + 2) return refuse(parser.offset, files.tooDeep(deepest));
      if (documents.length > 1) break;
    }
    for (const token of parser.end()) documents.push(...composer.next(token));
    documents.push(...composer.end(true, text.length));
    const [document, second] = documents;
    if (document === undefined) return refuse(0, files.empty());
    const errors = [...document.errors, ...document.warnings.filter(isNoTag)].map(syntaxFlaw);
    if (document.directives.yaml.explicit === true)
      errors.push({ offset: text.search(/^%/m), ...yaml.directive() });
    if (second !== undefined) errors.push({ offset: second.range[0], ...yaml.secondDocument() });
    if (errors.length > 0) return { flaws: errors, tokens };
    if (document.contents === null) return refuse(0, files.empty());
    return { root: document.contents, flaws: [], tokens };
  });
}

/** The parser makes an exception object for each mistake; their stack traces would cost more than all the rest. */
function withoutStackTraces<Result>(work: () => Result): Result {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = before;
  }
}

/** Tags are found, known or not, when the tree is planted. */
function isNoTag(warning: YAMLError): boolean {
  return warning.code !== 'TAG_RESOLVE_FAILED';
}

function syntaxFlaw(error: YAMLError): Flaw {
  return { offset: error.pos[0], ...yaml.syntax(error.code, error.message) };
}
