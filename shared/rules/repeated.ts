import { keyOf } from '../objects/kube-object.ts'
import { formatPath, type AnyRule, type Finding } from './rule.ts'
import { duplicateSubset } from './subsets/duplicate-subset.ts'

/** The part of a rule by which it is known to be about weights. */
export type KnownRule = Pick<AnyRule, 'id'> & { readonly isAboutWeights?: true }

/**
 * Without what Istio's validation says of weights or of a subset that is defined twice, where a rule about these says it of
 * the same field: that one says what to set as well.
 */
export function withoutRepeated<F extends Finding>(
  findings: readonly F[],
  rules: readonly KnownRule[],
): readonly F[] {
  if (!findings.some(({ rule }) => rule === validation)) return findings
  const tell = new Set([
    duplicateSubset.id,
    ...rules.flatMap(({ id, isAboutWeights }) => (isAboutWeights ? [id] : [])),
  ])
  const told = new Set(findings.filter(({ rule }) => tell.has(rule)).map(placeOf))
  return findings.filter(finding => finding.rule !== validation || !told.has(placeOf(finding)))
}

const validation = 'istio-rejects'

/** The field that a finding is about. */
export const placeOf = ({ ref, path }: Pick<Finding, 'ref' | 'path'>): string =>
  `${keyOf(ref)} ${formatPath(path)}`
