import type { StringMatch } from '../objects/virtual-service.ts'

/** One thing that a request must show to belong to a cohort. Several are ANDed. */
export type Condition =
  | { readonly on: 'header'; readonly name: string; readonly match: StringMatch }
  | { readonly on: 'cookie'; readonly name: string; readonly value: string }
  | { readonly on: 'query'; readonly name: string; readonly match: StringMatch }
  | { readonly on: 'source-label'; readonly name: string; readonly value: string }
