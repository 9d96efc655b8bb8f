import type { KubeObject } from '../objects/kube-object.ts'
import { refOf } from '../objects/kinds.ts'
import { escaped } from '../objects/text/escaped.ts'
import { derivedOnce } from '../objects/unchecked.ts'
import type { Finding, Path } from './rule.ts'

/**
 * The annotation by which an object is exempted from rules: `RULE: reason`, several one per line or parted by
 * `;`.
 */
export const exemptAnnotation = 'kubectl-canary/exempt'

/**
 * The words that exempt a line of a manifest from a rule: `# canary-lint-disable RULE: reason`, on the line
 * or directly above it.
 */
export const disableComment = 'canary-lint-disable'

/** The rule under which exemptions that do not count are reported. */
export const invalidExemption = 'invalid-exemption'

export interface Exemption {
  readonly rule: string
  /** Why; empty when it is missing, and then the exemption does not count. */
  readonly reason: string
}

/** The exemptions that an object's annotation makes. */
export const exemptionsOf: (object: KubeObject) => readonly Exemption[] = derivedOnce(({ metadata }) => {
  const text: unknown = metadata.annotations?.[exemptAnnotation]
  return typeof text === 'string' ? text.split(/[\n;]/).flatMap(exemptionIn) : []
})

/** The reasons in an object's annotation by the rule: the first of each. */
const reasonsOf = derivedOnce(
  (object: KubeObject): ReadonlyMap<string, string> =>
    new Map(
      exemptionsOf(object)
        .filter(({ reason }) => reason !== '')
        .toReversed()
        .map(({ rule, reason }) => [rule, reason]),
    ),
)

/** Why an object is exempted from a rule by its annotation; undefined when it is not, or nobody says why. */
export const exemptionReason = (object: KubeObject, id: string): string | undefined =>
  reasonsOf(object).get(id)

const reasonIn = (exemptions: readonly Exemption[], id: string): string | undefined =>
  exemptions.find(({ rule, reason }) => rule === id && reason !== '')?.reason

/** The exemptions that the comments about a field make. */
export const exemptionsInComments = (comments: readonly string[]): readonly Exemption[] =>
  comments.flatMap(comment => {
    const [, text] = new RegExp(`^\\s*#?\\s*${disableComment}\\b(.*)$`, 's').exec(comment) ?? []
    return text === undefined ? [] : exemptionIn(text)
  })

/** `RULE: reason` or `RULE`, with no reason. */
function exemptionIn(text: string): readonly Exemption[] {
  const colon = text.indexOf(':')
  const [rule, reason] = colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)]
  return rule.trim() === '' && reason.trim() === '' ? [] : [{ rule: rule.trim(), reason: reason.trim() }]
}

/** What exempts findings, and the ids that there are. */
export interface Exempting {
  readonly ids: ReadonlySet<string>
  readonly objectOf: (finding: Finding) => KubeObject | undefined
  /** The comments about the place of a finding; none where there are no files. */
  readonly commentsOf?: (finding: Finding) => readonly string[]
}

export interface Exempted {
  /** Those that stay. */
  readonly findings: readonly Finding[]
  readonly exempted: readonly { readonly finding: Finding; readonly reason: string }[]
}

/**
 * Takes away the findings that their object or their line is exempted from, for a reason. A comment without
 * one is itself a finding.
 */
export function withoutExempted(
  findings: readonly Finding[],
  { ids, objectOf, commentsOf }: Exempting,
): Exempted {
  const judged = findings.map(finding => {
    const object = objectOf(finding)
    const comments = exemptionsInComments(commentsOf?.(finding) ?? [])
    const reason =
      (object === undefined ? undefined : exemptionReason(object, finding.rule))
      ?? reasonIn(comments, finding.rule)
    return {
      finding,
      reason,
      invalid: comments.flatMap(exemption => invalidFinding(exemption, { ids, finding })),
    }
  })
  const invalid = new Map(
    judged
      .flatMap(entry => entry.invalid)
      .map(finding => [JSON.stringify([finding.ref, finding.path, finding.about]), finding]),
  )
  return {
    findings: [
      ...judged.filter(({ reason }) => reason === undefined).map(({ finding }) => finding),
      ...invalid.values(),
    ],
    exempted: judged.flatMap(({ finding, reason }) => (reason === undefined ? [] : [{ finding, reason }])),
  }
}

/**
 * The exemptions in an object's annotation that do not count: those without a reason, and of rules that do
 * not exist.
 */
export function checkExemptions(object: KubeObject, ids: ReadonlySet<string>): readonly Finding[] {
  const place = { ref: refOf(object), path: ['metadata', 'annotations', exemptAnnotation] }
  const distinct = new Map(
    exemptionsOf(object).map(exemption => [`${exemption.rule}:${exemption.reason === ''}`, exemption]),
  )
  return [...distinct.values()].flatMap(exemption => invalidFinding(exemption, { ids, finding: place }))
}

interface Context {
  readonly ids: ReadonlySet<string>
  readonly finding: { readonly ref: Finding['ref']; readonly path: Path }
}

function invalidFinding(
  { rule, reason }: Exemption,
  { ids, finding: { ref, path } }: Context,
): readonly Finding[] {
  const isKnown = ids.has(rule)
  if (isKnown && reason !== '') return []
  return [
    {
      rule: invalidExemption,
      family: invalidExemption,
      ref,
      path,
      about: rule,
      tells: [],
      severity: { webhook: 'warning', lint: 'warning' },
      message: isKnown
        ? `the exemption from ${rule} has no reason and is ignored`
        : escaped(`there is no rule ${JSON.stringify(rule)}`),
      fix: isKnown ? `Add a reason: ${rule}: REASON.` : 'kubectl canary rules lists the rules.',
    },
  ]
}
