/** A list that was read: what is watched is what changes in it from then on. */
export interface ReadList {
  /** Without a query. */
  readonly path: string
  /** The selectors that it was read with. */
  readonly query: Readonly<Record<string, string>>
  /** The resourceVersion of the list. */
  readonly version: string
}
