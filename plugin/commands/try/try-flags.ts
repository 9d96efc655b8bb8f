/** What was typed after `try`. */
export interface TryFlags {
  readonly header?: readonly string[]
  readonly request?: string
  readonly claim?: readonly string[]
  readonly from?: string
  readonly via?: string
  readonly count?: string
  readonly seed?: string
  readonly with?: readonly string[]
  readonly diff?: boolean
  readonly withCluster?: boolean
  readonly expect?: string
  readonly table?: string
  readonly live?: boolean
  readonly address?: string
  readonly rate?: string
  readonly versionHeader?: string
  readonly versionBody?: string
  readonly insecure?: boolean
}
