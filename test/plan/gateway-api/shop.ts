/** A shop whose catalog has two versions, each a Service of its own, and random routes to it. */
import type { Service } from '../../../shared/objects/core.ts'
import type { ServiceRoute } from '../../../shared/objects/gateway-api.ts'
import type { KubeObject, Labels } from '../../../shared/objects/kube-object.ts'
import type { Target } from '../../../shared/plan/intent.ts'
import { fc } from '../../properties.ts'
import { gateway, route } from '../../providers/gateway-api/written-objects.ts'
import { deepFreeze } from '../worlds.ts'

export const target: Target = { namespace: 'shop', service: 'catalog', command: 'cohort internal --to v2' }

/** The intent of `cohort NAME catalog --to v2`. */
export const cohort = (name = 'internal', more: object = {}) => ({
  target,
  name,
  to: 'v2',
  conditions: [],
  since: '2026-01-01T00:00:00Z',
  force: false,
  ...more,
})

const service = (name: string, selector: Labels): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'shop' },
  spec: { selector, ports: [{ name: 'http', port: 80 }] },
})

const pods = (version: string): KubeObject =>
  ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: `catalog-${version}`, namespace: 'shop' },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: 'catalog', version } },
      template: { metadata: { labels: { app: 'catalog', version } }, spec: { containers: [] } },
    },
    status: { readyReplicas: 1 },
  }) as KubeObject

/** The Services and pods of two versions, another Service, and a Gateway. */
export const around: readonly KubeObject[] = deepFreeze([
  service('catalog', { app: 'catalog' }),
  service('catalog-v1', { app: 'catalog', version: 'v1' }),
  service('catalog-v2', { app: 'catalog', version: 'v2' }),
  service('orders', { app: 'orders' }),
  pods('v1'),
  pods('v2'),
  gateway('infra/gw'),
])

/** A backend of a rule. */
export const to = (name: string, weight?: number): object => ({
  name,
  port: 80,
  ...(weight !== undefined && { weight }),
})

/** An HTTPRoute `shop/catalog` at the Gateway unless something else is said, frozen. */
export const catalogRoute = (rules: readonly object[], more: object = {}): ServiceRoute =>
  deepFreeze(route('shop/catalog', { rules, ...more }))

const { constantFrom: oneOf } = fc
const match = fc.record(
  {
    path: fc.record({ type: oneOf('Exact', 'PathPrefix'), value: oneOf('/', '/a', '/a/b', '/b') }),
    method: oneOf('GET', 'POST'),
    headers: fc.tuple(fc.record({ name: oneOf('x-a', 'X-B'), value: oneOf('1', '2') })),
    queryParams: fc.tuple(fc.record({ name: oneOf('p', 'q'), value: oneOf('1', '2') })),
  },
  { requiredKeys: [] },
)
const backends = oneOf(
  [to('catalog-v1')],
  [to('catalog-v1', 100)],
  [to('catalog-v1', 100), to('catalog-v2', 0)],
  [to('catalog')],
  [to('orders')],
  [to('orders', 0), to('catalog-v1', 100)],
  [to('catalog', 30), to('catalog-v2', 70)],
)
const rule = fc
  .record({
    matches: fc.uniqueArray(match, { maxLength: 2, selector: JSON.stringify }),
    backendRefs: backends,
    filters: fc.option(
      fc.constant([
        { type: 'RequestHeaderModifier', requestHeaderModifier: { set: [{ name: 'x-auth', value: '1' }] } },
      ]),
      { nil: undefined },
    ),
  })
  .map(({ matches, filters, backendRefs }) => ({
    ...(matches.length > 0 && { matches }),
    ...(filters !== undefined && { filters }),
    backendRefs,
  }))

/** One or two routes of the shop, one of which leads to the catalog at least once. */
export const routes: fc.Arbitrary<readonly ServiceRoute[]> = fc
  .tuple(
    fc.array(rule, { minLength: 1, maxLength: 4 }),
    fc.array(rule, { maxLength: 2 }),
    oneOf<readonly object[]>(
      [{ namespace: 'infra', name: 'gw' }],
      [{ group: '', kind: 'Service', name: 'catalog' }],
    ),
  )
  .map(([own, others, parents]) =>
    deepFreeze([
      route('shop/catalog', {
        parents,
        rules: [...own, { backendRefs: [to('catalog-v1')] }],
        created: '2026-01-02T00:00:00Z',
      }),
      ...(others.length > 0
        ? [route('shop/other', { parents, rules: others, created: '2026-01-01T00:00:00Z' })]
        : []),
    ]),
  )
