import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import type { VirtualService } from '../../../shared/objects/virtual-service.ts'
import { knownCohorts } from '../../../shared/plan/find/leftover.ts'
import { planCohort } from '../../../shared/plan/plan-cohort.ts'
import { readers } from '../../../shared/providers/readers.ts'
import type { CohortIntent } from '../../../shared/plan/intent.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { apply, cohortIntent } from '../intents.ts'
import { atGateway, gateway, v1, v2, viewOf } from '../version-services/shop.ts'
import { catalog, deployment, destinationRule, namespace } from '../worlds.ts'

const kinds = ['Service', 'Deployment', 'DestinationRule', 'VirtualService'] as const
/** A cohort of v2 at the gateway and in the mesh. */
const set = apply(snapshot(catalog()), planCohort(snapshot(catalog()), cohortIntent()))
const objects: readonly KubeObject[] = kinds.flatMap(kind => set.list(kind) as readonly KubeObject[])

const known = (those: readonly KubeObject[], live: boolean) =>
  knownCohorts(snapshot(those), { namespace, ...(live && { live }) }, readers)
/** What is left over of the one cohort, on a cluster and on files. */
const leftovers = (those: readonly KubeObject[]): readonly (string | undefined)[] =>
  [true, false].map(live => {
    const [only, ...more] = known(those, live)
    assert.deepEqual([only!.record.name, more.length], ['internal', 0])
    return only!.leftover
  })
const without = (kind: string, name = ''): readonly KubeObject[] =>
  objects.filter(object => object.kind !== kind || !object.metadata.name.endsWith(name))
/** The objects with the cohort's routes taken out of some VirtualServices; what is recorded stays. */
const unrouted = (name = ''): readonly KubeObject[] =>
  objects.map(object => {
    if (object.kind !== 'VirtualService' || !object.metadata.name.endsWith(name)) return object
    const { spec, ...rest } = object as VirtualService
    return { ...rest, spec: { ...spec, http: [spec.http!.at(-1)!] } } as KubeObject
  })

describe('a cohort that is recorded on two objects', () => {
  it('is known once, and nothing is left over while all is there', () => {
    assert.deepEqual(leftovers(objects), [undefined, undefined])
    assert.ok(known(objects, true).every(one => !('leftover' in one)))
  })

  it('is left over of a Service that is gone; on files it may be elsewhere', () => {
    assert.deepEqual(leftovers(without('Service')), ['service-gone', undefined])
  })

  it('is left over of a version that is gone', () => {
    const rest = [
      ...without('DestinationRule').filter(({ kind }) => kind !== 'Deployment'),
      destinationRule('v1'),
    ]
    const all = [...rest, deployment('catalog', { app: 'catalog', version: 'v1' })]
    assert.deepEqual(leftovers(all), ['version-gone', 'version-gone'])
  })

  it('is left over of workloads that are gone; on files they may be elsewhere', () => {
    assert.deepEqual(leftovers(without('Deployment', '-v2')), ['no-workload', undefined])
  })

  it('is left over of routes that are gone from all of the objects, not from one of them', () => {
    assert.deepEqual(leftovers(unrouted()), ['routes-gone', 'routes-gone'])
    assert.deepEqual(leftovers(unrouted('mesh')), [undefined, undefined])
  })
})

const versions = ['v1', 'v2']
/** A host outside the cluster with two versions. */
const specs: Readonly<Record<string, object>> = {
  ServiceEntry: {
    hosts: ['api.example.com'],
    ports: [{ number: 80, name: 'http', protocol: 'HTTP' }],
    resolution: 'STATIC',
    endpoints: versions.map((version, i) => ({ address: `10.0.0.${i}`, labels: { version } })),
  },
  DestinationRule: {
    host: 'api.example.com',
    subsets: versions.map(version => ({ name: version, labels: { version } })),
  },
  VirtualService: {
    hosts: ['api.example.com'],
    http: [{ route: [{ destination: { host: 'api.example.com', subset: 'v1' } }] }],
  },
}

describe('a cohort of a service without a Service of its name', () => {
  const leftover = (view: ClusterView, asked: Partial<CohortIntent>): unknown => {
    const after = apply(view, planCohort(view, cohortIntent('internal', 'v2', asked)))
    const [only] = knownCohorts(after, { namespace: '*', live: true }, readers)
    assert.equal(only!.record.name, 'internal')
    return only!.leftover
  }

  it('is left over of nothing where its versions are Services', () => {
    const target = { namespace: 'shop', command: 'cohort internal --to v2', service: 'catalog', live: true }
    assert.equal(leftover(viewOf(v1, v2, gateway, atGateway('catalog-v1')), { target }), undefined)
  })

  it('is left over of nothing where it is a host outside the cluster', () => {
    const host = 'api.example.com'
    const view = snapshot(
      ['ServiceEntry', 'DestinationRule', 'VirtualService'].map(
        kind =>
          ({
            apiVersion: 'networking.istio.io/v1',
            kind,
            metadata: { name: 'api', namespace },
            spec: specs[kind],
          }) as unknown as KubeObject,
      ),
    )
    const target = { namespace, command: 'cohort internal --to v2', service: host, live: true }
    assert.equal(leftover(view, { target }), undefined)
  })
})
