import { keyOf } from '../../shared/objects/kube-object.ts'
import type { Finding } from '../../shared/rules/rule.ts'
import { bytesOf, cutCharacters, plainLine } from './plain-text.ts'

// The API server's own limits: it cuts a warning after 256 characters and all of them together after 4 KB;
// kubectl prints each on one line.
const mostCharacters = 120
const mostWarnings = 20
const mostBytes = 4096

/**
 * A finding as a warning's text, before it is made to fit. Where it would be cut, the domain of the cluster
 * is left out of hosts, as it says least.
 */
export function warningOf({ rule, ref, message }: Finding): string {
  const text = `${rule}: ${keyOf(ref)}: ${message}`
  return [...text].length <= mostCharacters ? text : text.replaceAll(clusterDomain, '$1.svc…')
}

const clusterDomain = /(\.[a-z0-9-]+)\.svc(\.[a-z0-9-]+)+/g

/**
 * Texts as warnings that an API server passes on: one line each of at most 120 characters, 20 of them and 4
 * KB at most. The most severe must
 * come first; where some do not fit, the last one counts them.
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
