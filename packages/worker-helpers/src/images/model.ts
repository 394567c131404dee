/** What is known of our images in LXD: the facts that deciding what to make and what to delete takes. */

export interface OwnImage {
  /** Of the recipe that it was made from. */
  readonly name: string;
  readonly fingerprint: string;
  /** The hash of the whole recipe, `recipe-hash.ts`. */
  readonly recipe: string;
  /** The fingerprint of the image that it was made on, where that is one of this LXD. */
  readonly base: string | undefined;
  /** Milliseconds since the epoch. */
  readonly madeAt: number;
  /** In bytes, as LXD stores it. */
  readonly size: number;
  /**
   * `whole` once it passed its smoke test; before that it belongs to the run that makes it, and is rubbish when that run
   * is gone.
   */
  readonly state: 'whole' | 'in the making' | 'left over';
  /** Whether the alias leads to it. */
  readonly current: boolean;
  /** Containers that were made from it, prepared ones left out. */
  readonly users: number;
  /** Prepared containers, which builds are copied from. */
  readonly prepared: readonly string[];
}
