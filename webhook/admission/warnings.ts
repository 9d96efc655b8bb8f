import { keyOf } from '../../shared/objects/kube-object.ts'
import type { Finding } from '../../shared/rules/rule.ts'
import { bytesOf, cutCharacters, plainLine } from './plain-text.ts'

// The API server cuts a warning after 256 characters and all warnings together after 4 KB; kubectl prints each on
// one line.
const mostCharacters = 120
const mostWarnings = 20
const mostBytes = 4096

/**
 * The warning for a finding, not yet shortened. The cluster's domain is left out of hosts where the text would
 * be cut, because it says least.
 */
export function warningOf({ rule, ref, message }: Finding): string {
  const text = `${rule}: ${keyOf(ref)}: ${message}`
  return [...text].length <= mostCharacters ? text : text.replaceAll(clusterDomain, '$1.svc…')
}

const clusterDomain = /(\.[a-z0-9-]+)\.svc(\.[a-z0-9-]+)+/g

/**
 * Warnings that an API server passes on whole: one line each of at most 120 characters, at most 20 of them and
 * 4 KB together. The most severe must come first; the last one counts those that were left out.
 */
export function fitWarnings(texts: Iterable<string>): readonly string[] {
  const all = [...new Set([...texts].map(text => cutCharacters(plainLine(text), mostCharacters)))].filter(
    text => text !== '',
  )
  const kept = within(all, mostWarnings, mostBytes)
  if (kept === all.length) return all
  const fewer = within(all, mostWarnings - 1, mostBytes - bytesOf(moreOf(all.length)))
  return [...all.slice(0, fewer), moreOf(all.length - fewer)]
}

const moreOf = (count: number): string => `and ${count} more; see: kubectl canary lint`

/** How many of the texts fit. */
function within(texts: readonly string[], most: number, bytes: number): number {
  let used = 0
  const over = texts.findIndex((text, i) => i >= most || (used += bytesOf(text)) > bytes)
  return over < 0 ? texts.length : over
}
