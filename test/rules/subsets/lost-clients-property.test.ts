import assert from 'node:assert/strict'
import test from 'node:test'
import { fc } from '../../properties.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { keyOf } from '../../../shared/objects/kube-object.ts'
import { isKind, refOf } from '../../../shared/objects/kinds.ts'
import { referencesIn } from '../../providers/istio/resolve/proxy-references.ts'
import { judgeChanges } from '../../../shared/rules/introduced.ts'
import { subsetHiddenFromClients } from '../../../shared/rules/subsets/subset-hidden-from-clients.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { deepFreeze } from '../../providers/istio/resolve/corpus.ts'

const host = 'x.a.svc.cluster.local'
const object = (
  kind: string,
  metadata: { readonly name: string; readonly namespace: string },
  spec: object,
): KubeObject =>
  deepFreeze({
    apiVersion: kind === 'Service' ? 'v1' : 'networking.istio.io/v1',
    kind,
    metadata: { creationTimestamp: '2024-01-01T00:00:00Z', ...metadata },
    spec,
  } as KubeObject)

const namespace = fc.constantFrom('a', 'b', 'c', 'istio-system')
const exportTo = fc.option(fc.constantFrom(['.'], ['*'], ['b'], ['a', 'c']), { nil: undefined })
const subsets = fc.subarray(['v1', 'v2']).map(names => names.map(name => ({ name })))
const rule = fc
  .record({ namespace, exportTo, subsets, name: fc.constantFrom('r', 's') })
  .map(({ name, namespace: owner, ...rest }) =>
    object(
      'DestinationRule',
      { name, namespace: owner },
      JSON.parse(JSON.stringify({ host, ...rest })) as object,
    ),
  )
const routes = fc
  .record({ subset: fc.constantFrom(undefined, 'v1', 'v2'), exportTo })
  .map(({ subset, exportTo: to }) => {
    const destination = { host, ...(subset === undefined ? {} : { subset }) }
    const spec = {
      hosts: [host],
      ...(to === undefined ? {} : { exportTo: to }),
      http: [{ route: [{ destination }] }],
    }
    return object('VirtualService', { name: 'x', namespace: 'a' }, spec)
  })
const service = object(
  'Service',
  { name: 'x', namespace: 'a' },
  { selector: { app: 'x' }, ports: [{ name: 'http', port: 80 }] },
)
const world = fc
  .tuple(fc.array(rule, { maxLength: 4 }), fc.option(routes, { nil: undefined, freq: 3 }))
  .map(([rules, own]) => [
    ...new Map(
      [service, ...rules, ...(own === undefined ? [] : [own])].map(each => [keyOf(refOf(each)), each]),
    ).values(),
  ])
const change = fc.oneof(rule, routes)

/** Whether what leads a client to the host works: its routes by Istio's generator, else Istio's own route. */
function isServed(view: ClusterView, client: string): boolean {
  const [routing] = view.list('VirtualService')
  const proxy = { namespace: client, labels: {}, isGateway: false }
  return routing === undefined || referencesIn(view, routing, proxy).every(({ hasCluster }) => hasCluster)
}

test('the finding is an error exactly where some client was served before the change and is not after it', () => {
  const judge = { rules: [subsetHiddenFromClients], settings: { complete: true, relativeWeights: false } }
  const seen = { error: 0, warning: 0 }
  fc.assert(
    fc.property(world, change, fc.boolean(), (objects, changed, isDeletion) => {
      const before = objects.find(each => keyOf(refOf(each)) === keyOf(refOf(changed)))
      if (isDeletion && before === undefined) return
      const after = isDeletion ? undefined : changed
      const others = objects.filter(each => each !== before)
      const [was, is] = [snapshot(objects), snapshot(after === undefined ? others : [...others, after])]
      const { introduced, standing } = judgeChanges(judge, was, [{ before, after }])
      const isLost = ['a', 'b', 'c', 'istio-system', 'elsewhere'].some(
        client => isServed(was, client) && !isServed(is, client),
      )
      if (introduced.length + standing.length === 0) return
      const severities = introduced.map(({ severity }) => severity.webhook)
      if (isLost) assert.deepEqual(severities, ['error'])
      else assert.ok(!severities.includes('error'))
      seen[isLost ? 'error' : 'warning']++
      assert.ok(introduced.every(({ ref }) => isKind('VirtualService', is.get(ref)!)))
    }),
    { numRuns: Number(process.env['FC_RUNS'] ?? 1500) },
  )
  assert.ok(seen.error > 10 && seen.warning > 10, JSON.stringify(seen))
})
