import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { keyOf } from '../../../shared/objects/kube-object.ts'
import { refOf } from '../../../shared/objects/kinds.ts'
import { catalogue } from '../../../shared/rules/catalogue.ts'
import { lintView, type Judge } from '../../../shared/rules/introduced.ts'
import { identityOf } from '../../../shared/rules/findings.ts'
import { formatPath, type Finding } from '../../../shared/rules/rule.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'

export const judge: Judge = {
  rules: catalogue,
  settings: { complete: true, relativeWeights: false, now: Date.parse('2026-08-01T12:00:00Z') },
}
export const namespaces = ['a', 'b', 'istio-system', 'kube-system', 'shop', 'web'].map(
  (name): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name },
  }),
)

/** Objects as a cluster may have them: none that Istio refuses, and the namespaces. */
export function accepted(objects: readonly KubeObject[]): readonly KubeObject[] {
  const refused = new Set(
    lintView(judge, snapshot(objects)).flatMap(({ rule, ref }) =>
      rule === 'istio-rejects' ? [keyOf(ref)] : [],
    ),
  )
  return [...objects.filter(object => !refused.has(keyOf(refOf(object)))), ...namespaces]
}

/** One finding: the rule and what it is about. */
export const said = (finding: Finding): string => `${finding.rule} ${identityOf(finding)}`

/** Whether a fix has a step that is for a person to do. */
export const needsWorkload = ({ fix }: Pick<Finding, 'fix'>): boolean =>
  /^(?:Set \S+: \S+\. Or first|First) apply a workload /.test(fix)

/** What a destination has of faults, one after another: only the first of them is found. */
function placeOf({ ref, path }: Finding): string {
  const backend = path.findIndex(step => step === 'backendRefs' || step === 'backends')
  if (backend >= 0 && !path.includes('backendRef'))
    return `${keyOf(ref)} ${formatPath(path.slice(0, backend + 2))}`
  const end = path.findIndex(step =>
    ['destination', 'mirror', 'delegate', 'backendRef'].includes(String(step)),
  )
  return `${keyOf(ref)} ${formatPath(end < 0 ? path : path.slice(0, end + 1))}`
}

const aboutHosts: ReadonlySet<string> = new Set([
  'unknown-host',
  'unexpanded-host',
  'ambiguous-port',
  'unknown-port',
  'applies-nowhere',
  'unnamed-port',
  'http-route-on-non-http-port',
  'unknown-parent',
])
const aboutWeights: ReadonlySet<string> = new Set([
  'weights-sum-to-100',
  'missing-weight',
  'weights-sum-to-zero',
])
/** What cannot be said of a destination before it is known which Service it is, which port of it, and what that speaks. */
const afterHosts: ReadonlySet<string> = new Set([
  'unnamed-port',
  'http-route-on-non-http-port',
  'applies-nowhere',
  'unreachable-route',
  'unmerged-destination-rules',
  'subset-matches-no-workload',
  'repeated-destination',
  'headless-not-split',
])

/**
 * What a fix brought: findings that were not there, save those that the fixed one hid, which a person finds next: a
 * further fault of the same destination, or one of a destination that had no share.
 */
export function brought(
  fixed: Finding,
  before: readonly Finding[],
  after: readonly Finding[],
): readonly string[] {
  const known = before.map(said)
  const places = new Set(before.map(placeOf))
  return after
    .filter(finding => {
      const at = known.indexOf(said(finding))
      if (at >= 0) known.splice(at, 1)
      return at < 0 && finding.severity.webhook !== 'info'
    })
    .filter(finding => !places.has(placeOf(finding)))
    .filter(({ rule }) => !(aboutHosts.has(fixed.rule) && afterHosts.has(rule)))
    .filter(
      ({ ref, path }) =>
        !(
          aboutWeights.has(fixed.rule)
          && keyOf(ref) === keyOf(fixed.ref)
          && formatPath(path).startsWith(formatPath(fixed.path.slice(0, 3)))
        ),
    )
    .map(({ rule, message }) => `${rule}: ${message}`)
}

/** How often a finding is there. */
export const countOf = (finding: Finding, findings: readonly Finding[]): number =>
  findings.filter(each => said(each) === said(finding)).length
