/** What can go wrong with GitHub's answers, and with which of them. */
export interface GithubRequest {
  readonly method: string;
  /** Below the API's own address, as in `/repos/lpb/demo/issues`. */
  readonly path: string;
  readonly body: unknown;
  /** Whether it was conditional (If-None-Match). */
  readonly conditional: boolean;
  /** The status of the answer; undefined while there is none. */
  status?: number;
}

export type GithubFault =
  /** This is answered and nothing done. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly message?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Taken, and never answered. */
  | { readonly kind: 'hang' }
  /** It is done, and then this is answered, or nothing at all. */
  | { readonly kind: 'done, then'; readonly status: number | 'hang' | 'cut' }
  /** This happens right before it is done. */
  | { readonly kind: 'first'; readonly act: () => Promise<void> };

interface Trouble {
  readonly fault: GithubFault;
  readonly concerns: (request: GithubRequest) => boolean;
  left: number;
}

export class GithubFaults {
  #troubles: Trouble[] = [];

  /** From now on, for the next `times` requests that it concerns. */
  add(
    fault: GithubFault,
    concerns: (request: GithubRequest) => boolean = () => true,
    times = Number.POSITIVE_INFINITY,
  ): void {
    this.#troubles.push({ fault, concerns, left: times });
  }

  clear(): void {
    this.#troubles = [];
  }

  next(request: GithubRequest): GithubFault | undefined {
    const trouble = this.#troubles.find(({ concerns, left }) => left > 0 && concerns(request));
    if (trouble !== undefined) trouble.left -= 1;
    return trouble?.fault;
  }
}

/** Requests that change something. */
export function isWrite({ method }: GithubRequest): boolean {
  return method !== 'GET';
}

export function movesBranch({ method, path }: GithubRequest): boolean {
  return (
    (method === 'PATCH' && /\/git\/refs\//.test(path)) || (method === 'POST' && /\/git\/refs$/.test(path))
  );
}
