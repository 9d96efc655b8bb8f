import { objectTold, type ToldFinding } from '../review/tell/told-finding.ts'
import type { ExemptedFinding } from '../review/review.ts'
import { bytesOf, cutCharacters, plainLine } from './plain-text.ts'

// The API server cuts warnings after 256 characters where they have more than 4 KB together (`truncateItemRunes`
// and `truncateAtTotalRunes` of its filters/warning.go); kubectl prints each on one line.
const mostCharacters = 256
const mostWarnings = 20
const mostBytes = 4096
/** What an object's name may take of that, so that there is space for the reason. */
const mostObjectCharacters = 100

/**
 * The warning for a finding: the rule and the reason first, then the object. Where that is too long, first the
 * cluster's domain is left out of hosts, because it says least, then the reason is cut; the object stays.
 */
export function warningOf(finding: ToldFinding): string {
  const { rule, message } = finding
  const object = cutCharacters(plainLine(objectTold(finding)), mostObjectCharacters)
  const warning = (reason: string): string => `${rule}: ${reason} (${object})`
  const space = mostCharacters - [...warning('')].length
  const reason = plainLine(message)
  return warning(
    [...reason].length <= space ? reason : cutCharacters(reason.replaceAll(clusterDomain, '$1.svc…'), space),
  )
}

/** The warning for a finding that would be a denial without an exemption. */
export const exemptionWarningOf = ({ finding, reason }: ExemptedFinding): string =>
  warningOf({
    ...finding,
    message: `exempt (${cutCharacters(plainLine(reason), mostReasonCharacters)}): ${finding.message}`,
  })

/** A longer reason would leave no space for what it is about. */
const mostReasonCharacters = 60

const clusterDomain = /(\.[a-z0-9-]+)\.svc(\.[a-z0-9-]+)+/g

/**
 * Warnings that an API server passes on whole: one line each of at most 256 characters, at most 20 of them and
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
