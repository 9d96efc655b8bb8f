import { servicePrefix } from './names.ts'

/** The words behind a verb: the Service, where one is among them, and the verb's own. */
export interface SplitWords {
  readonly service?: string | undefined
  readonly own: readonly string[]
}

/**
 * Where a verb takes its Service among its words. The count of the words decides, for shares also their `=`;
 * what exists is never looked up, so that a script means the same everywhere.
 */
export interface ServicePosition {
  /** How many of the verb's own words stand before the Service. */
  readonly after: 0 | 1
  readonly split: (words: readonly string[]) => SplitWords
}

/** `status [SERVICE]`. */
export const serviceAlone: ServicePosition = { after: 0, split: ([service]) => ({ service, own: [] }) }

/** `cohort NAME [SERVICE]`. */
export const serviceAfterName: ServicePosition = {
  after: 1,
  split: ([name, service]) => ({ service, own: name === undefined ? [] : [name] }),
}

/**
 * `promote [SERVICE] VERSION`: one word is the version, even if a Service has that name; but no version has a slash
 * in its name, as `svc/catalog` has.
 */
export const serviceBeforeVersion: ServicePosition = {
  after: 0,
  split: words =>
    words.length > 1 || servicePrefix.test(words[0] ?? '')
      ? { service: words[0], own: words.slice(1) }
      : { own: words },
}

/** `weight [SERVICE] V=N…`. */
export const serviceBeforeShares: ServicePosition = {
  after: 0,
  split: words =>
    words[0] === undefined || words[0].includes('=')
      ? { own: words }
      : { service: words[0], own: words.slice(1) },
}
