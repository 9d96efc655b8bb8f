import assert from 'node:assert/strict'
import test from 'node:test'
import { readService } from '../../../shared/providers/istio/read/reading.ts'
import { baseRoutesOf } from '../../../shared/providers/istio/read/routes/base-routes.ts'
import type { Carrier } from '../../../shared/providers/istio/read/routes/carriers.ts'
import { versionNamed } from '../../../shared/providers/istio/read/versions.ts'
import { trafficOf } from '../../../shared/providers/istio/read/traffic.ts'
import type { Decision } from '../../../shared/routing/request/decision.ts'
import type { Share } from '../../../shared/routing/traffic.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { sessionOf } from '../../../shared/view/session.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { fc } from '../../properties.ts'
import { decisionsOf } from './expected.ts'
import { requestsFor } from './requests.ts'
import { catalogHost, world } from './worlds.ts'

const service = { name: 'catalog', namespace: 'shop', clusterDomain: 'cluster.local' }
const requests = requestsFor([])

const readingOf = (view: ClusterView) => readService(view, service, { complete: true })

/** The http base routes of a carrier, each with its shares in the status. */
function splitsOf(view: ClusterView, carrier: Carrier) {
  const traffic = trafficOf(readingOf(view))
  const point = traffic.entryPoints.find(({ ref }) => ref.name === carrier.object.metadata.name)!
  return baseRoutesOf(view, carrier, service).flatMap((base, i) =>
    base.section === 'http' ? [{ base, split: point.splits[i]! }] : [],
  )
}

/** Percent by version. */
const sums = (shares: readonly { readonly version: string; readonly percent: number }[]) =>
  Object.fromEntries(
    [...Map.groupBy(shares, ({ version }) => version)]
      .map(([version, those]) => [version, those.reduce((sum, { percent }) => sum + percent, 0)] as const)
      .filter(([, percent]) => percent > 0)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )

test('the shares and faults in a status are those that requests meet', () => {
  fc.assert(
    fc.property(world, objects => {
      const view = sessionOf(snapshot(objects))
      const { carriers, versions } = readingOf(view)
      const decisions = decisionsOf(view, requests, true).filter(({ kind }) => kind === 'route')
      for (const carrier of carriers.filter(({ leadsElsewhere }) => !leadsElsewhere)) {
        for (const { base, split } of splitsOf(view, carrier)) {
          const taken = decisions.filter(decision => isBy(decision, carrier, base.index))
          for (const { destinations } of taken) {
            assert.ok(split.reached)
            const own = destinations
              .filter(({ host }) => host === catalogHost)
              .map(each => ({ ...each, version: versionNamed({ subset: each.subset }, versions) }))
            assert.deepEqual(sums(split.shares), sums(own))
            for (const { version, failure } of own) checkFault(split.shares, version, failure !== undefined)
          }
        }
      }
    }),
    { numRuns: 150 },
  )
})

function isBy({ route }: Decision, { object }: Carrier, index: number): boolean {
  return (
    route?.object.name === object.metadata.name
    && route.object.namespace === object.metadata.namespace
    && route.place[1] === 'http'
    && route.place[2] === index
  )
}

/** A version that fails for one caller says so, and one that fails for all fails for this one. */
function checkFault(shares: readonly Share[], version: string, fails: boolean): void {
  const own = shares.filter(share => share.version === version && share.percent > 0)
  if (fails) assert.ok(own.some(({ fault, failsFor }) => (fault ?? failsFor) !== undefined))
  else assert.ok(own.some(({ fault }) => fault === undefined))
}
