/** What the service tells a page over `/ws`: what has changed since the state that the page shows. */
export interface LiveMessage {
  /** Versions of another epoch mean nothing; a page that has one is sent everything. */
  readonly epoch: string;
  readonly version: number;
  /** The service's clock, in milliseconds since the epoch of 1970. */
  readonly at: number;
  /** The version of script and style sheet that fit these parts. */
  readonly assets: string;
  readonly title?: string;
  readonly icon?: string;
  /** By the id of their element; null for one that is gone. */
  readonly parts: Readonly<Record<string, PartChange | null>>;
}

export interface PartChange {
  /** The list that it is an item of. */
  readonly list?: string;
  readonly html: string;
}
