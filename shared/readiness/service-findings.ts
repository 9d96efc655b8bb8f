import { keyOf, type Ref } from '../objects/kube-object.ts'
import { servedHosts } from '../providers/istio/read/routed-service.ts'
import { providersAt } from '../providers/istio/resolve/registry.ts'
import type { ServiceReading } from '../routing/provider.ts'
import { destinationHosts } from '../rules/facts/destinations.ts'
import { findingsOf, type Judge } from '../rules/introduced.ts'
import { reportedFindings } from '../rules/reported-findings.ts'
import { routingRules } from '../rules/routing-rules.ts'
import type { Finding, RuleSettings } from '../rules/rule.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import type { Sources } from '../view/sources.ts'

/** What the rules are asked with. */
export interface FindingsQuestion {
  readonly view: ClusterView
  /** The time in milliseconds since 1970. */
  readonly now: number
  readonly sources?: Sources | undefined
  /** By what the services are judged; by the rules about routes alone when left out. */
  readonly judging?: (Pick<Judge, 'rules'> & Pick<RuleSettings, 're2Fault'>) | undefined
}

/**
 * What the rules find about each service, without what is exempted. An object of several services is judged once; what
 * is found about one destination of it is said of that service, and what is about the whole object of the first one.
 */
export function serviceFindings(
  readings: readonly ServiceReading[],
  { view, now, sources, judging: { rules, ...others } = { rules: routingRules } }: FindingsQuestion,
): (reading: ServiceReading) => readonly Finding[] {
  const settings = { complete: readings[0]?.complete ?? false, relativeWeights: false, now, ...others }
  const judge = { rules, settings }
  const reported = reportedFindings({ ...judge, view, sources })
  const known = new Map<string, readonly Finding[]>()
  const findingsOn = (reading: ServiceReading, ref: Ref): readonly Finding[] => {
    const key = keyOf(ref)
    let found = known.get(key)
    if (found === undefined) {
      found = reported(findingsOf(judge, reading.view, [ref]))
      known.set(key, found)
    }
    return found
  }
  const told = new Set<Finding>()
  return reading => {
    const own = new Set(servedHosts(reading.service))
    return reading.subjects
      .flatMap(ref => findingsOn(reading, ref))
      .filter(finding => {
        const hosts = hostsAbout(view, finding)
        const isOwn = hosts.length === 0 ? !told.has(finding) : hosts.some(host => own.has(host))
        if (isOwn) told.add(finding)
        return isOwn
      })
  }
}

/**
 * The hosts to which a VirtualService leads that a finding on it is about; none for one about the whole object, and none
 * for a host that is nobody's: no other service would say it.
 */
function hostsAbout(view: ClusterView, { ref, about }: Finding): readonly string[] {
  if (ref.kind !== 'VirtualService') return []
  const object = view.get({ ...ref, kind: 'VirtualService' })
  if (object === undefined) return []
  const words = new Set(about.split(/[\s,/=:]+/))
  return destinationHosts(view, object).filter(host => words.has(host) && providersAt(view, host).length > 0)
}
