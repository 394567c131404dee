/**
 * GitHub's own description of its API (OpenAPI 3.0, npm's `@octokit/openapi`), so that the fake takes no request and gives
 * no answer that GitHub would not, and has every field that GitHub's answers have.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { z } from 'zod';

type Json = Readonly<Record<string, unknown>>;

const jsonObject = z.record(z.string(), z.unknown());
const documentSchema = z.looseObject({
  paths: z.record(z.string(), jsonObject),
  components: z.looseObject({ schemas: z.record(z.string(), jsonObject) }),
});
const operationSchema = z.looseObject({
  parameters: z.array(jsonObject).default([]),
  requestBody: z.looseObject({ content: z.record(z.string(), jsonObject) }).optional(),
  responses: z.record(z.string(), jsonObject),
});
const parameterSchema = z.looseObject({ name: z.string(), in: z.string(), schema: jsonObject });

export interface Route {
  /** As in the description: `/repos/{owner}/{repo}/issues`. */
  readonly template: string;
  readonly method: string;
  readonly parameters: Readonly<Record<string, string>>;
}

export class GithubDescription {
  static #loaded: GithubDescription | undefined;
  readonly #document: z.infer<typeof documentSchema>;
  readonly #templates: ReadonlyMap<number, readonly (readonly string[])[]>;
  readonly #ajv: Ajv;
  readonly #validators = new Map<string, ValidateFunction>();

  private constructor(document: z.infer<typeof documentSchema>) {
    this.#document = document;
    const split = Object.keys(document.paths).map((path) => path.split('/'));
    this.#templates = Map.groupBy(split, (parts) => parts.length);
    this.#ajv = new Ajv({ strict: false, allErrors: true });
    formats.default(this.#ajv);
    this.#ajv.addSchema({ $id: 'github', ...document });
  }

  /** The description is large: it is read once a process. */
  static load(): GithubDescription {
    if (GithubDescription.#loaded === undefined) {
      const require = createRequire(import.meta.url);
      const file = require.resolve('@octokit/openapi/generated/api.github.com.json');
      const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'), (_, value) => nullsAllowed(value));
      GithubDescription.#loaded = new GithubDescription(documentSchema.parse(parsed));
    }
    return GithubDescription.#loaded;
  }

  /** Which operation a request is for; its path is still encoded. */
  route(method: string, path: string): Route | undefined {
    const parts = path.split('/');
    const fits = (this.#templates.get(parts.length) ?? []).filter((template) =>
      template.every((part, index) => part.startsWith('{') || part === parts[index]),
    );
    // The one with the most words of its own: /user/{name} also looks like /user/repos.
    const [best] = fits.toSorted((a, b) => names(a).length - names(b).length);
    if (best === undefined) return undefined;
    const template = best.join('/');
    if (this.#document.paths[template]?.[method.toLowerCase()] === undefined) return undefined;
    const parameters = best.flatMap((part, index): [string, string][] =>
      part.startsWith('{') ? [[part.slice(1, -1), decodeURIComponent(parts[index] ?? '')]] : [],
    );
    return { template, method: method.toLowerCase(), parameters: Object.fromEntries(parameters) };
  }

  /** What GitHub would not take of a request. */
  requestMistakes(route: Route, query: URLSearchParams, body: unknown): string[] {
    const operation = this.#operation(route);
    const known = operation.parameters.map((given) => parameterSchema.parse(this.#resolve(given)));
    const mistakes: string[] = [];
    for (const name of query.keys()) {
      const parameter = known.find((candidate) => candidate.in === 'query' && candidate.name === name);
      if (parameter === undefined) mistakes.push(`no parameter ${name}`);
    }
    const content = operation.requestBody?.content['application/json'];
    if (body !== undefined && content === undefined) mistakes.push('a body where none is');
    if (body !== undefined && content !== undefined) {
      const pointer = `paths/${escaped(route.template)}/${route.method}/requestBody/content/application~1json/schema`;
      mistakes.push(...this.#mistakes(pointer, body));
      const { properties } = z.looseObject({ properties: jsonObject.default({}) }).parse(content.schema);
      for (const name of Object.keys(jsonObject.parse(body))) {
        if (properties[name] === undefined) mistakes.push(`no field ${name} in the body`);
      }
    }
    return mistakes;
  }

  /** What GitHub would not answer. Errors that any operation may have (401, 403, 429, 5xx) are GitHub's basic error. */
  responseMistakes(route: Route, status: number, body: unknown): string[] {
    const response = this.#operation(route).responses[String(status)];
    if (response === undefined) {
      if (status < 400) return [`no such answer: ${status}`];
      return this.#mistakes('components/schemas/basic-error', body);
    }
    if (this.#resolve(response).content === undefined) {
      return status < 300 && body !== undefined ? ['a body where none is'] : [];
    }
    const reference = z.object({ $ref: z.string() }).safeParse(response);
    const pointer = reference.success
      ? reference.data.$ref.slice('#/'.length)
      : `paths/${escaped(route.template)}/${route.method}/responses/${status}`;
    return this.#mistakes(`${pointer}/content/application~1json/schema`, body);
  }

  /** A thing of GitHub's with every field that it must have, some of them given. */
  fill(schema: string, given: Json): Json {
    return { ...jsonObject.parse(this.#sample({ $ref: `#/components/schemas/${schema}` })), ...given };
  }

  #operation({ template, method }: Route): z.infer<typeof operationSchema> {
    return operationSchema.parse(this.#document.paths[template]?.[method]);
  }

  #mistakes(pointer: string, value: unknown): string[] {
    const known = this.#validators.get(pointer) ?? this.#ajv.compile({ $ref: `github#/${pointer}` });
    this.#validators.set(pointer, known);
    if (known(value)) return [];
    return (known.errors ?? []).map((error: ErrorObject) => `${error.instancePath || 'it'} ${error.message}`);
  }

  #resolve(value: Json): Json {
    const reference = z.object({ $ref: z.string() }).safeParse(value);
    if (!reference.success) return value;
    let found: unknown = this.#document;
    for (const part of reference.data.$ref.split('/').slice(1))
      found = jsonObject.parse(found)[unescaped(part)];
    return this.#resolve(jsonObject.parse(found));
  }

  #sample(given: Json): unknown {
    const schema = z
      .looseObject({
        type: z.string().optional(),
        format: z.string().optional(),
        enum: z.array(z.unknown()).optional(),
        required: z.array(z.string()).default([]),
        properties: z.record(z.string(), jsonObject).default({}),
        anyOf: z.array(jsonObject).optional(),
        oneOf: z.array(jsonObject).optional(),
        allOf: z.array(jsonObject).optional(),
      })
      .parse(this.#resolve(given));
    if (schema.nullable === true) return null;
    if (schema.example !== undefined) return schema.example;
    if (schema.enum !== undefined) return schema.enum[0];
    const [choice] = schema.anyOf ?? schema.oneOf ?? schema.allOf ?? [];
    if (choice !== undefined && schema.type === undefined) return this.#sample(choice);
    switch (schema.type) {
      case 'array':
        return [];
      case 'boolean':
        return false;
      case 'integer':
      case 'number':
        return 1;
      case 'string':
        return (
          { uri: 'https://github.test/', 'date-time': '2026-01-01T00:00:00Z' }[schema.format ?? ''] ?? ''
        );
      default:
        return Object.fromEntries(
          schema.required.map((name) => [name, this.#sample(schema.properties[name] ?? {})]),
        );
    }
  }
}

/** OpenAPI 3.0 has `nullable` where JSON Schema has a type more; ajv knows it beside a `type` only. */
function nullsAllowed(value: unknown): unknown {
  // Told apart first: there are half a million values.
  if (typeof value !== 'object' || value === null || !('nullable' in value) || 'type' in value) return value;
  const { nullable, ...rest } = jsonObject.parse(value);
  return nullable === true ? { anyOf: [{ enum: [null] }, rest] } : rest;
}

function names(template: readonly string[]): string[] {
  return template.filter((part) => part.startsWith('{'));
}

/** A key as a JSON pointer in a URI has it (RFC 6901). */
function escaped(key: string): string {
  return encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'));
}

function unescaped(key: string): string {
  return key.replaceAll('~1', '/').replaceAll('~0', '~');
}
