import assert from 'node:assert/strict'
import test from 'node:test'
import { keyOf } from '../../../shared/objects/kube-object.ts'
import { refOf } from '../../../shared/objects/kinds.ts'
import { readForPort } from '../../../shared/providers/istio/read/service-reading.ts'
import { readService } from '../../../shared/providers/istio/read/reading.ts'
import { baseRoutesOf } from '../../../shared/providers/istio/read/routes/base-routes.ts'
import { isTo, type Carrier } from '../../../shared/providers/istio/read/routes/carriers.ts'
import { versionNamed } from '../../../shared/providers/istio/read/versions.ts'
import type { EntryPoint, Share } from '../../../shared/routing/traffic.ts'
import { findingsOf } from '../../../shared/rules/introduced.ts'
import { routingRules } from '../../../shared/rules/routing-rules.ts'
import type { Finding } from '../../../shared/rules/rule.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { sessionOf } from '../../../shared/view/session.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { fc } from '../../properties.ts'
import { world } from './worlds.ts'

const service = { name: 'catalog', namespace: 'shop', clusterDomain: 'cluster.local' }
const judge = { rules: routingRules, settings: { complete: true, relativeWeights: false } }

/** The rules that say that the requests of a destination are not answered. */
const unanswered = new Set([
  'undefined-subset',
  'subset-without-destination-rule',
  'subset-hidden-from-clients',
  'unknown-host',
  'unexpanded-host',
  'unknown-port',
  'ambiguous-port',
  'subset-matches-no-workload',
])

/** A VirtualService with routes to the Service: how status shows it, and what lint finds on it or its roots. */
interface Seen {
  readonly view: ClusterView
  readonly carrier: Carrier
  readonly point: EntryPoint
  readonly findings: readonly Finding[]
}

function seenIn(view: ClusterView): readonly Seen[] {
  const { traffic, subjects } = readForPort(view, service, { complete: true })
  const all = findingsOf(judge, view, subjects)
  return readService(view, service, { complete: true })
    .carriers.filter(({ leadsElsewhere }) => !leadsElsewhere)
    .map(carrier => {
      const places = new Set(
        [carrier.object, ...carrier.entries.map(({ root }) => root)].map(each => keyOf(refOf(each))),
      )
      return {
        view,
        carrier,
        point: traffic.entryPoints.find(({ ref }) => keyOf(ref) === keyOf(refOf(carrier.object)))!,
        findings: all.filter(({ ref }) => places.has(keyOf(ref))),
      }
    })
}

const inWorlds = (check: (seen: Seen) => void): void =>
  fc.assert(
    fc.property(world, objects => seenIn(sessionOf(snapshot(objects))).forEach(check)),
    { numRuns: 300 },
  )

const has = (findings: readonly Finding[], rule: string): boolean =>
  findings.some(finding => finding.rule === rule)

test('what a status marks has a finding of lint: an idle entry, an unreached route, a failing share', () => {
  inWorlds(({ point: { idle, splits, cohorts }, findings }) => {
    if (idle !== undefined) return assert.ok(has(findings, idle.rule), idle.rule)
    for (const { reached, shares } of splits) {
      if (!reached) assert.ok(has(findings, 'unreachable-route'))
      for (const { percent, fault, failsFor } of reached ? shares : [])
        if (percent > 0)
          for (const rule of [fault, failsFor?.rule])
            assert.ok(rule === undefined || has(findings, rule), rule)
    }
    for (const { fault } of cohorts) assert.ok(fault === undefined || has(findings, fault), fault)
  })
})

/** The base route of the Service at which a finding is, and how status shows it. */
function routeOf({ view, carrier, point }: Seen, { ref, path: [, list, index] }: Finding) {
  if (keyOf(ref) !== keyOf(point.ref)) return undefined
  const bases = baseRoutesOf(view, carrier, service)
  const at = bases.findIndex(base => base.section === list && base.index === index)
  const split = point.splits[at]
  return split === undefined ? undefined : { base: bases[at]!, split }
}

/** The share of the destination at which a finding is, where status counts it. */
function shareOf(seen: Seen, finding: Finding): Share | undefined {
  const found = routeOf(seen, finding)
  if (found === undefined || !found.split.reached || seen.point.idle !== undefined) return undefined
  const [, , , field, place] = finding.path
  const destination = field === 'route' ? found.base.raw.route?.[Number(place)]?.destination : undefined
  if (destination === undefined || !isTo(service)({ ...destination, namespace: finding.ref.namespace }))
    return undefined
  const { versions } = readService(seen.view, service, { complete: true })
  const version = versionNamed({ subset: destination.subset }, versions)
  return found.split.shares.find(share => share.percent > 0 && share.version === version)
}

test('a route that lint says leads nowhere has no working share in a status', () => {
  let found = 0
  inWorlds(seen => {
    for (const finding of seen.findings.filter(({ rule }) => unanswered.has(rule))) {
      const share = shareOf(seen, finding)
      if (share === undefined) continue
      found++
      assert.ok(share.fault !== undefined || share.failsFor !== undefined, finding.rule)
    }
  })
  assert.ok(found > 20)
})

test('a route that lint calls unreachable has no share in a status', () => {
  let found = 0
  inWorlds(seen => {
    for (const finding of seen.findings.filter(({ rule }) => rule === 'unreachable-route')) {
      const route = routeOf(seen, finding)
      if (route === undefined) continue
      found++
      assert.ok(!route.split.reached || seen.point.idle !== undefined)
    }
  })
  assert.ok(found > 20)
})
