/**
 * What Buildbot 4.3.0 does with the query of a REST request, for the fake: filters, fields, order and pages, and the
 * errors for what it does not take. Follows buildbot/data/connector.py (`resultspec_from_jsonapi`), data/resultspec.py
 * and data/types.py.
 */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type Row = Readonly<Record<string, Json>>;

/** How a filter's value is read, by field. */
type FieldType = 'integer' | 'string' | 'boolean' | 'other';

export interface EntityType {
  readonly plural: string;
  readonly fields: Readonly<Record<string, FieldType>>;
  /** Whether the database filters and cuts pages; then Buildbot's "total" counts only the page. */
  readonly inDatabase: boolean;
}

export interface Query {
  readonly filters: readonly Filter[];
  readonly fields: readonly string[] | undefined;
  readonly properties: readonly string[];
  readonly order: readonly string[];
  readonly limit: number | undefined;
  readonly offset: number | undefined;
}

interface Filter {
  readonly field: string;
  readonly operator: Operator;
  readonly values: readonly Json[];
}

const operators = ['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'contains', 'in', 'notin'] as const;
type Operator = (typeof operators)[number];
const severalValues: readonly Operator[] = ['eq', 'ne', 'contains', 'in', 'notin'];

/** Buildbot's `InvalidQueryParameter`: it answers 400 with these words. */
export class InvalidQuery extends Error {
  override readonly name = 'InvalidQuery';
}

/** Reads a query string for one kind of thing. Throws InvalidQuery. */
export function parseQuery(search: URLSearchParams, type: EntityType, kind: 'one' | 'list'): Query {
  const filters: Filter[] = [];
  for (const name of new Set(search.keys())) {
    if (special.has(name)) continue;
    const given = search.getAll(name);
    const [, field, suffix] = /^(.*)__([^_]*)$/.exec(name) ?? [];
    const plain = type.fields[name];
    if (plain !== undefined) filters.push({ field: name, operator: 'eq', values: read(name, plain, given) });
    else if (field === undefined) throw new InvalidQuery(`unrecognized query parameter '${name}'`);
    else {
      const operator = operators.find((known) => known === suffix);
      const known = type.fields[field];
      const allowed = operator !== undefined && (given.length === 1 || severalValues.includes(operator));
      // An operator or a field that it does not know is passed over in silence.
      if (allowed && known !== undefined) filters.push({ field, operator, values: read(name, known, given) });
    }
  }
  const fields = search.has('field') ? checkFields(search.getAll('field'), type) : undefined;
  const order = search.getAll('order');
  checkFields(
    order.map((name) => name.replace(/^-/, '')),
    type,
  );
  if (fields !== undefined) {
    if (order.some((name) => !fields.includes(name.replace(/^-+/, '')))) {
      throw new InvalidQuery('cannot order on un-selected fields');
    }
    if (filters.some(({ field }) => !fields.includes(field))) {
      throw new InvalidQuery('cannot filter on un-selected fields');
    }
  }
  if (kind === 'one' && filters.length > 0) throw new InvalidQuery('this is not a collection');
  const number = (name: string): number | undefined => {
    const text = search.get(name);
    if (text === null) return undefined;
    if (!/^-?\d+$/.test(text)) throw new InvalidQuery(`invalid ${name}`);
    return Number(text);
  };
  const properties = search.getAll('property');
  return { filters, fields, properties, order, limit: number('limit'), offset: number('offset') };
}

const special = new Set(['order', 'field', 'limit', 'offset', 'property']);

function checkFields(names: readonly string[], type: EntityType): readonly string[] {
  const unknown = names.find((name) => type.fields[name] === undefined);
  if (unknown !== undefined) throw new InvalidQuery(`no such field '${unknown}'`);
  return names;
}

const booleans = new Map([
  ...['on', 'true', 'yes', '1'].map((word) => [word, true] as const),
  ...['off', 'false', 'no', '0'].map((word) => [word, false] as const),
]);

function read(name: string, type: FieldType, given: readonly string[]): readonly Json[] {
  return given.map((text) => {
    const value =
      type === 'string'
        ? text
        : type === 'integer'
          ? /^\s*[+-]?\d+\s*$/.test(text)
            ? Number(text)
            : undefined
          : type === 'boolean'
            ? booleans.get(text.toLowerCase())
            : null;
    if (value === undefined) throw new InvalidQuery(`invalid filter value for ${name}`);
    return value;
  });
}

/** The rows of one page, whole, and Buildbot's own "total". Rows must be in the order in which the database has them. */
export function applyQuery(
  rows: readonly Row[],
  query: Query,
  type: EntityType,
): { readonly rows: readonly Row[]; readonly total: number } {
  const filtered = query.filters.reduce((left, filter) => left.filter((row) => passes(row, filter)), rows);
  const ordered =
    query.order.length === 0 ? filtered : filtered.toSorted((a, b) => compareRows(a, b, query.order));
  const start = query.offset ?? 0;
  const page = ordered.slice(start, query.limit === undefined ? undefined : start + query.limit);
  return {
    rows: page.map((row) => select(row, query)),
    total: type.inDatabase ? page.length : filtered.length,
  };
}

/** Only the fields that were asked for. */
export function select(row: Row, query: Query): Row {
  const { fields } = query;
  return fields === undefined
    ? row
    : Object.fromEntries(Object.entries(row).filter(([key]) => fields.includes(key)));
}

function passes(row: Row, { field, operator, values }: Filter): boolean {
  const value = row[field] ?? null;
  const [first] = values;
  if (operator === 'eq' || operator === 'in') return values.includes(value);
  // In a database nothing compares with NULL, not even "is different".
  if (value === null) return false;
  if (operator === 'ne' || operator === 'notin') return !values.includes(value);
  if (operator === 'contains') {
    return Array.isArray(value)
      ? values.some((wanted) => value.includes(wanted))
      : values.some((wanted) => String(value).includes(String(wanted)));
  }
  const order = compare(value, first ?? null);
  return { lt: order < 0, le: order <= 0, gt: order > 0, ge: order >= 0 }[operator];
}

function compareRows(a: Row, b: Row, order: readonly string[]): number {
  for (const name of order) {
    const field = name.replace(/^-/, '');
    const result = compare(a[field] ?? null, b[field] ?? null);
    if (result !== 0) return name.startsWith('-') ? -result : result;
  }
  return 0;
}

/** Nothing comes before everything else, as in SQLite and in Buildbot's own sorting. */
function compare(a: Json, b: Json): number {
  if (a === b) return 0;
  if (a === null) return -1;
  if (b === null) return 1;
  return a < b ? -1 : 1;
}
