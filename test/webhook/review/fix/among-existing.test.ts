/** What is said of a change where something was wrong before. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../../../shared/objects/kube-object.ts'
import { formatPath } from '../../../../shared/rules/rule.ts'
import { judgedAmong } from '../../judged.ts'
import { destinationRule, namespaceObject, service, virtualService, workload } from '../../requests.ts'

const judged = judgedAmong([namespaceObject(), service(), workload('v1'), workload('v2')])
const to = (weights: Readonly<Record<string, number>>): object => ({
  route: Object.entries(weights).map(([subset, weight]) => ({
    destination: { host: 'catalog', subset },
    weight,
  })),
})
const routes = (...http: readonly object[]): KubeObject =>
  ({ ...virtualService({ v1: 100 }), spec: { hosts: ['catalog'], http } }) as KubeObject
const early = { match: [{ uri: { prefix: '/early' } }] }

describe('a new fault of a route beside an old one of the same kind', () => {
  it('is told of at the place of the new route, wherever that is', () => {
    const old = to({ v1: 90, v2: 20 })
    const before = routes(old)
    for (const [after, place] of [
      [routes({ ...early, ...old }, old), 'spec.http[0].route'],
      [routes({ ...early, ...to({ v1: 100 }) }, old, old), 'spec.http[2].route'],
    ] as const) {
      const { denials } = judged({ before, after }, [destinationRule(['v1', 'v2']), before])
      assert.deepEqual(
        denials.map(({ path }) => formatPath(path)),
        [place],
      )
    }
  })
  it('has a fix of its own, not that of the old one, which is not told of', () => {
    const old = { ...early, ...to({ v2: 100 }) }
    const before = routes(old, to({ v1: 100 }))
    const after = routes(old, to({ v1: 90, v2: 10 }))
    const { denials } = judged({ before, after }, [destinationRule(['v1']), before])
    assert.deepEqual(
      denials.map(({ path }) => formatPath(path)),
      ['spec.http[1].route[1].destination.subset'],
    )
    assert.match(denials[0]!.fix, /kubectl patch destinationrules.*"path":"\/spec\/subsets\/-"/)
  })
})

describe('the command that removes from a route what a change breaks', () => {
  it('leaves no destination alone that failed before', () => {
    const route = virtualService({ v1: 50, v3: 50 })
    const [before, after] = [destinationRule(['v1', 'v2']), destinationRule(['v2'])]
    const { denials } = judged({ before, after }, [before, route])
    const removing = denials[0]!.fix.split('\n').at(-1)!
    assert.match(removing, /"op":"remove","path":"\/spec\/http\/0\/route\/1"/)
    assert.match(removing, /"op":"remove","path":"\/spec\/http\/0\/route\/0\/destination\/subset"/)
  })
  it('leaves no backend alone that failed before', () => {
    const backend = (name: string): object => ({ name, port: 80, weight: 50 })
    const route = {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name: 'shop', namespace: 'shop', resourceVersion: '1' },
      spec: {
        parentRefs: [{ name: 'edge' }],
        rules: [{ backendRefs: [backend('catalog'), backend('gone')] }],
      },
    } as KubeObject
    const gateway = {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'Gateway',
      metadata: { name: 'edge', namespace: 'shop', resourceVersion: '1' },
      spec: { gatewayClassName: 'istio', listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] },
    } as KubeObject
    const { denials } = judged({ before: service() }, [route, gateway])
    assert.match(denials[0]!.fix, /^Delete HTTPRoute shop\/shop first/)
  })
})

describe('the fix for a workload that loses its version label', () => {
  const named = (labels: object): KubeObject => {
    const made = workload('v2', { labels })
    return { ...made, metadata: { ...made.metadata, name: 'catalog-canary' } }
  }
  const routed = [destinationRule(['v1', 'v2']), virtualService({ v1: 100 })]
  it('is to set it as it was', () => {
    const before = named({ app: 'catalog', version: 'v2', team: 'shop' })
    const { denials } = judged({ before, after: named({ app: 'catalog' }) }, [before, ...routed])
    assert.deepEqual(
      denials.map(({ fix }) => fix),
      ['Set spec.template.metadata.labels.version: v2 in Deployment shop/catalog-canary'],
    )
  })
  it('is to set it where the workload had none', () => {
    const { denials } = judged({ after: named({ app: 'catalog' }) }, routed)
    assert.match(denials[0]!.fix, /^Set spec\.template\.metadata\.labels\.version: canary in Deployment/)
  })
})
