import { isKind } from '../objects/kinds.ts'
import { canariesByService } from '../workloads/workload-indexes.ts'
import { keyOf } from '../objects/kube-object.ts'
import type { Rejection } from '../routing/traffic.ts'
import type { Sources, Unfilled } from '../view/sources.ts'
import { writerAt } from '../providers/istio/read/owners.ts'
import { exemptingIn } from './exempting-in.ts'
import { withoutExempted } from './exemptions.ts'
import { writesAgain } from './fixes/stable-weight.ts'
import { unknownApisixBackend } from './apisix/backends/unknown-backend.ts'
import { unknownHost } from './hosts/unknown-host.ts'
import { withoutUnfilled, type UnfilledWorld } from './placeholders/without-unfilled.ts'
import { placeOf, withoutRepeated } from './repeated.ts'
import type { Finding } from './rule.ts'

/** What the findings were made with, and the files that they are from. */
export interface ReportedWorld extends Omit<UnfilledWorld, 'unfilled'> {
  /** Left out for a live cluster. */
  readonly sources?: Sources | undefined
  /** What is still to be filled in; that of the files when left out. */
  readonly unfilled?: readonly Unfilled[]
}

/**
 * Takes away the findings that are not reported: those that depend on a placeholder, those that an annotation or a
 * comment exempts, and those that another one says better. `lint`, `status`, `doctor` and the check of an edit report the same.
 */
export function reportedFindings({
  sources,
  unfilled = sources?.unfilled ?? [],
  ...world
}: ReportedWorld): (findings: readonly Finding[]) => readonly Finding[] {
  const exempting = exemptingIn({ view: world.view, ...(sources && { sources }) }, world.rules)
  return findings =>
    findings.length === 0
      ? findings
      : withOwners(
          withoutMade(
            withoutRepeated(
              withoutExempted(withoutUnfilled(findings, { ...world, unfilled }), exempting).findings,
              world.rules,
            ),
            world,
          ),
          world,
        )
}

/** The rules that predict what the API server refuses, or the validation of an API: one for each routing API. */
export const ofRejections: ReadonlySet<string> = new Set([
  'istio-rejects',
  'gateway-api-rejects',
  'apisix-rejects',
])

/**
 * The objects that are refused by what is found, by their keys: each with the rule by which that is reported, which may be
 * one that says better what to set.
 */
export function rejectionsIn(world: ReportedWorld): (findings: readonly Finding[]) => RejectionsByObject {
  const reported = reportedFindings(world)
  return findings => {
    const refusing = reported(
      findings.filter(({ rule, severity }) => ofRejections.has(rule) && severity.lint === 'error'),
    )
    if (refusing.length === 0) return new Map()
    const rules = new Map(reported(findings).map(finding => [placeOf(finding), finding.rule]))
    return new Map(
      refusing
        .toReversed()
        .map(({ ref, ...rest }) => [
          keyOf(ref),
          { ...ref, rule: rules.get(placeOf({ ref, ...rest })) ?? rest.rule },
        ]),
    )
  }
}

/** What is refused, by `KIND NAMESPACE/NAME`. */
export type RejectionsByObject = ReadonlyMap<string, Rejection>

/** The rules that find a Service missing, one for each routing API. */
const ofMissingServices: ReadonlySet<string> = new Set([unknownHost.id, unknownApisixBackend.id])

/** Without the Services that Flagger will make for a Canary in view: no file has them. */
const withoutMade = (
  findings: readonly Finding[],
  { view }: Pick<UnfilledWorld, 'view'>,
): readonly Finding[] =>
  findings.filter(
    ({ rule, restsOn = [] }) =>
      !ofMissingServices.has(rule)
      || !restsOn.some(
        ({ kind, namespace, name }) =>
          kind === 'Service'
          && name !== undefined
          && view.get({ kind, namespace, name }) === undefined
          && view.find(canariesByService, `${namespace}/${name}`).length > 0,
      ),
  )

/**
 * The rules about weights read nothing of the view, so that who else writes the weights of a VirtualService is said of what
 * they find: a person who corrects them would be overruled.
 */
function withOwners(
  findings: readonly Finding[],
  { view, rules }: Pick<UnfilledWorld, 'view' | 'rules'>,
): readonly Finding[] {
  const aboutWeights = new Set(rules.flatMap(({ id, isAboutWeights }) => (isAboutWeights ? [id] : [])))
  return findings.map(finding => {
    const { rule, ref, path, fix } = finding
    const object = aboutWeights.has(rule) ? view.get(ref) : undefined
    const owner = object && isKind('VirtualService', object) ? writerAt(view, object, path) : undefined
    return owner === undefined
      ? finding
      : { ...finding, fix: `${fix.replace(/\.$/, '')}. ${writesAgain(owner)}` }
  })
}
