/** A shop whose catalog has two versions, each a Service of its own, and random ApisixRoutes to it. */
import type { ApisixRoute, ApisixRule } from '../../../shared/objects/apisix/apisix-route.ts'
import type { Service } from '../../../shared/objects/core.ts'
import type { KubeObject, Labels } from '../../../shared/objects/kube-object.ts'
import type { Target } from '../../../shared/plan/intent.ts'
import { fc } from '../../properties.ts'
import { deepFreeze } from '../worlds.ts'

export const target: Target = {
  namespace: 'shop',
  service: 'catalog',
  command: 'cohort internal --to v2',
  live: true,
}

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

/** The intent of `weight catalog v2=PERCENT`. */
export const weights = (v2: number, more: object = {}) => ({
  target,
  weights: new Map([['v2', v2]]),
  force: false,
  ...more,
})

export const service = (name: string, selector: Labels, port = 80): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'shop' },
  spec: { selector, ports: [{ name: 'http', port }] },
})

export const pods = (version: string): KubeObject =>
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

/** What is known of an upstream, by its name: that of a Service, or of nodes outside. */
export const apisixUpstream = (name: string, spec: object = {}): KubeObject =>
  ({
    apiVersion: 'apisix.apache.org/v2',
    kind: 'ApisixUpstream',
    metadata: { name, namespace: 'shop' },
    spec,
  }) as KubeObject

/** The Services and pods of three versions, and another Service. */
export const around: readonly KubeObject[] = deepFreeze([
  service('catalog', { app: 'catalog' }),
  service('catalog-v1', { app: 'catalog', version: 'v1' }),
  service('catalog-v2', { app: 'catalog', version: 'v2' }),
  service('catalog-v3', { app: 'catalog', version: 'v3' }),
  service('orders', { app: 'orders' }),
  pods('v1'),
  pods('v2'),
  pods('v3'),
])

/** A backend of a rule. */
export const to = (serviceName: string, weight?: number) => ({
  serviceName,
  servicePort: 80,
  ...(weight !== undefined && { weight }),
})

/** An ApisixRoute of the shop, frozen. */
export const apisixRoute = (name: string, http: readonly ApisixRule[], more: object = {}): ApisixRoute =>
  deepFreeze({
    apiVersion: 'apisix.apache.org/v2',
    kind: 'ApisixRoute',
    metadata: { name, namespace: 'shop' },
    spec: { ingressClassName: 'apisix', http, ...more },
  })

const { constantFrom: oneOf } = fc
const hosts = [['shop.example.com'], ['*.example.com'], undefined] as const
const expr = fc.record({
  subject: fc.record({ scope: oneOf('Header', 'Query', 'Cookie'), name: oneOf('x-a', 'b') }),
  op: fc.constant('Equal'),
  value: oneOf('1', '2'),
})
const match = fc
  .record({
    paths: fc.uniqueArray(oneOf('/*', '/a*', '/a', '/b/*'), { minLength: 1, maxLength: 2 }),
    hosts: oneOf(...hosts),
    methods: oneOf(['GET'], ['GET', 'POST'], undefined),
    exprs: oneOf(undefined, undefined, 'some' as const),
    own: expr,
  })
  .map(({ paths, hosts: names, methods, exprs, own }) => ({
    paths,
    ...(names !== undefined && { hosts: names }),
    ...(methods !== undefined && { methods }),
    ...(exprs !== undefined && { exprs: [own] }),
  }))
const backends = oneOf(
  [to('catalog-v1')],
  [to('catalog-v1', 100)],
  [to('catalog-v1', 0)],
  [to('catalog-v1', 100), to('catalog-v2', 0)],
  [to('catalog')],
  [to('orders')],
  [to('orders', 0), to('catalog-v1', 100)],
  [to('catalog', 30), to('catalog-v2', 70)],
)
const rule = fc.record({
  match,
  priority: oneOf(undefined, 1, 2, 3),
  backends,
  plugins: oneOf(undefined, [{ name: 'limit-count', enable: true, config: { count: 2 } }]),
})

const named = (
  rules: readonly (Omit<ApisixRule, 'priority'> & { readonly priority: number | undefined })[],
) =>
  rules.map(({ priority, plugins, ...rest }, i): ApisixRule => ({
    name: `rule-${i}`,
    ...(priority !== undefined && { priority }),
    ...rest,
    ...(plugins !== undefined && { plugins }),
  }))

/** One or two routes of the shop, one of which leads to the catalog at least once. */
export const routes: fc.Arbitrary<readonly ApisixRoute[]> = fc
  .tuple(fc.array(rule, { maxLength: 3 }), fc.array(rule, { maxLength: 2 }))
  .map(([own, others]) => [
    apisixRoute('catalog', [
      ...named(own as never),
      { name: 'last', match: { hosts: ['shop.example.com'], paths: ['/*'] }, backends: [to('catalog-v1')] },
    ]),
    ...(others.length > 0 ? [apisixRoute('other', named(others as never))] : []),
  ])
