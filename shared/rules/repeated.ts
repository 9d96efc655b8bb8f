import { keyOf } from '../objects/kube-object.ts'
import { formatPath, type AnyRule, type Finding } from './rule.ts'

/**
 * Without what Istio's validation says of a weight, or of weights, where a rule about weights says it of the same field:
 * that one says what to set as well.
 */
export function withoutRepeated(findings: readonly Finding[], rules: readonly AnyRule[]): readonly Finding[] {
  if (!findings.some(({ rule }) => rule === validation)) return findings
  const aboutWeights = new Set(rules.flatMap(({ id, isAboutWeights }) => (isAboutWeights ? [id] : [])))
  const told = new Set(findings.filter(({ rule }) => aboutWeights.has(rule)).map(placeOf))
  return findings.filter(finding => finding.rule !== validation || !told.has(placeOf(finding)))
}

const validation = 'istio-rejects'

const placeOf = ({ ref, path }: Finding): string => `${keyOf(ref)} ${formatPath(path)}`
