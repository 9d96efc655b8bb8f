/** What is in a picture: a place where requests enter, a group of them, or where they go. */
export interface PictureNode {
  /** Letters and digits, unique in the picture. */
  readonly id: string
  /** From left to right: entry, group, version. */
  readonly layer: 0 | 1 | 2
  readonly kind: 'entry' | 'cohort' | 'rest' | 'mirror' | 'version' | 'elsewhere'
  readonly title: string
  /** What else is known of it, a line each. */
  readonly lines: readonly string[]
  /** It gets nothing: no request reaches it, or nothing leads to it. */
  readonly isIdle: boolean
  readonly isStable: boolean
}

/** Requests on their way from one node to another. */
export interface PictureEdge {
  readonly from: string
  readonly to: string
  /** Which part of what is before it, in percent; undefined from an entry to its groups. */
  readonly percent?: number
  /** `90.0 %`, with `503` where they are not answered, `closed` for connections; empty where there is nothing to say. */
  readonly label: string
  /** They are copies, whose answers are dropped. */
  readonly isCopy: boolean
  readonly isFailing: boolean
}

/** The traffic of one service. */
export interface ServicePicture {
  readonly id: string
  /** `catalog in namespace shop, stable is v1` */
  readonly title: string
  /** In words, for people who cannot see the picture. */
  readonly words: readonly string[]
  readonly nodes: readonly PictureNode[]
  readonly edges: readonly PictureEdge[]
}
