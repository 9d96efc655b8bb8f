/** What a request proves itself with. */
export interface Proof {
  readonly authorization?: string
  /** PEM. */
  readonly certificate?: string
  readonly key?: string
}
