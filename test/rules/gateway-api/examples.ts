/** The examples of the rules about HTTPRoutes and GRPCRoutes: what breaks each, and the same fixed. */
interface RouteExample {
  readonly violates: string
  readonly holds: string
  readonly complete?: boolean
}
type RouteKind = 'HTTPRoute' | 'GRPCRoute'
const kinds: readonly RouteKind[] = ['HTTPRoute', 'GRPCRoute']

const join = (...documents: readonly string[]): string => documents.join('\n---\n')
// oxlint-disable-next-line max-params -- what every object has, in the order in which it is written
const object = (kind: string, name: string, spec: string, namespace = 'shop'): string =>
  `{apiVersion: gateway.networking.k8s.io/${kind === 'ReferenceGrant' ? 'v1beta1' : 'v1'}, kind: ${kind}, metadata: {name: ${name}, namespace: ${namespace}}, spec: ${spec}}`
const service = (
  name: string,
  { port = '{name: grpc, port: 80}', namespace = 'shop', version = '' } = {},
): string =>
  `{apiVersion: v1, kind: Service, metadata: {name: ${name}, namespace: ${namespace}}, spec: {selector: {app: cart${version === '' ? '' : `, version: ${version}`}}, ports: [${port}]}}`
const deployment = (version: string): string =>
  `{apiVersion: apps/v1, kind: Deployment, metadata: {name: cart-${version}, namespace: shop}, spec: {template: {metadata: {labels: {app: cart, version: ${version}}}}}}`
const listening = (name: string): string =>
  deployment('v1').replace(
    'version: v1}}',
    `version: v1}}, spec: {containers: [{name: c, image: i, ports: [{name: ${name}, containerPort: 8080}]}]}`,
  )
const toWeb = service('cart', { port: '{name: grpc, port: 80, targetPort: web}' })
const gateway = object(
  'Gateway',
  'edge',
  '{gatewayClassName: x, listeners: [{name: http, port: 80, protocol: HTTP}]}',
)
const rule = (backends: string): string => `{backendRefs: [${backends}]}`
const backend = (more = '', name = 'cart'): string => `{name: ${name}, port: 80${more}}`
const atGateway = (kind: RouteKind, rules: string, section = 'http'): string =>
  object(kind, 'cart', `{parentRefs: [{name: edge, sectionName: ${section}}], rules: [${rules}]}`)
const atService = (kind: RouteKind, rules: string): string =>
  object(kind, 'cart', `{parentRefs: [{group: '', kind: Service, name: cart}], rules: [${rules}]}`)
const regex = (kind: RouteKind, pattern: string): string =>
  atGateway(
    kind,
    `{matches: [{headers: [{type: RegularExpression, name: x, value: '${pattern}'}]}], backendRefs: [${backend()}]}`,
  )
const headers = (kind: RouteKind, ...names: readonly string[]): string =>
  atGateway(
    kind,
    `{matches: [{headers: [${names.map(name => `{name: ${name}, value: x}`).join()}]}], backendRefs: [${backend()}]}`,
  )
const asking = (value: string): string =>
  `{matches: [{headers: [{name: x, value: ${value}}]}], backendRefs: [${backend()}]}`
const annotated = (kind: RouteKind, annotations: string): string =>
  atGateway(kind, rule(backend())).replace(
    'namespace: shop}',
    `namespace: shop, annotations: {${annotations}}}`,
  )
const record = (until: string): string =>
  `kubectl-canary/cohorts: '{"cohorts":[{"service":"cart.shop","name":"internal","to":"v2","routes":["canary-cart-internal-1"],"until":"${until}"}]}'`
const world = join(gateway, service('cart'), deployment('v1'))
const into = (kind: RouteKind): string => atGateway(kind, rule(backend(', namespace: bank')))
const bank = service('cart', { namespace: 'bank' })
const grant = (kind: RouteKind): string =>
  object(
    'ReferenceGrant',
    'cart',
    `{from: [{group: gateway.networking.k8s.io, kind: ${kind}, namespace: shop}], to: [{group: '', kind: Service}]}`,
    'bank',
  )

type Pair = (kind: RouteKind) => RouteExample

/** By the id of the rule, for each kind of route. */
const pairs: Readonly<Record<string, Pair>> = {
  'weights-sum-to-zero': kind => ({
    violates: join(world, atGateway(kind, rule(`${backend(', weight: 0')}, ${backend(', weight: 0')}`))),
    holds: join(world, atGateway(kind, rule(`${backend(', weight: 1')}, ${backend(', weight: 0')}`))),
  }),
  'unknown-backend': kind => ({
    violates: join(world, atGateway(kind, rule(backend('', 'card')))),
    holds: join(world, atGateway(kind, rule(backend()))),
  }),
  'unknown-port': kind => ({
    violates: join(world, atGateway(kind, rule('{name: cart, port: 8080}'))),
    holds: join(world, atGateway(kind, rule(backend()))),
  }),
  'unknown-target-port': kind => ({
    violates: join(gateway, toWeb, listening('http'), atGateway(kind, rule(backend()))),
    holds: join(gateway, toWeb, listening('web'), atGateway(kind, rule(backend()))),
  }),
  'ungranted-reference': kind => ({
    violates: join(world, bank, into(kind)),
    holds: join(world, bank, into(kind), grant(kind)),
    complete: true,
  }),
  'backend-matches-no-workload': kind => ({
    violates: join(
      world,
      service('cart-v2', { version: 'v2' }),
      atGateway(kind, rule(backend('', 'cart-v2'))),
    ),
    holds: join(
      world,
      service('cart-v2', { version: 'v2' }),
      deployment('v2'),
      atGateway(kind, rule(backend('', 'cart-v2'))),
    ),
    complete: true,
  }),
  'http-route-on-non-http-port': kind => ({
    violates: join(service('cart', { port: '{name: tcp, port: 80}' }), atService(kind, rule(backend()))),
    holds: join(service('cart'), atService(kind, rule(backend()))),
  }),
  'unnamed-port': kind => ({
    violates: join(service('cart', { port: '{port: 80}' }), atService(kind, rule(backend()))),
    holds: join(service('cart'), atService(kind, rule(backend()))),
  }),
  'unknown-parent': kind => ({
    violates: join(world, atGateway(kind, rule(backend()), 'htpp')),
    holds: join(world, atGateway(kind, rule(backend()))),
  }),
  'unattached-route': kind => ({
    violates: join(
      service('cart'),
      deployment('v1'),
      gateway.replace('protocol: HTTP', "protocol: HTTP, hostname: '*.example.org'"),
      atGateway(kind, rule(backend())).replace('spec: {', 'spec: {hostnames: [shop.example.com], '),
    ),
    holds: join(
      service('cart'),
      deployment('v1'),
      gateway.replace('protocol: HTTP', "protocol: HTTP, hostname: '*.example.com'"),
      atGateway(kind, rule(backend())).replace('spec: {', 'spec: {hostnames: [shop.example.com], '),
    ),
  }),
  'unreadable-record': kind => ({
    violates: join(
      world,
      annotated(kind, "kubectl-canary/cohorts: 'internal: v2', kubectl-canary/stable: ''"),
    ),
    holds: join(world, annotated(kind, 'kubectl-canary/stable: v1')),
  }),
  'expired-cohort': kind => ({
    violates: join(world, annotated(kind, record('2025-12-31T18:00:00Z'))),
    holds: join(world, annotated(kind, record('2099-12-31T18:00:00Z'))),
  }),
  'no-catch-all': kind => ({
    violates: join(
      service('cart'),
      atService(kind, `{matches: [{headers: [{name: x, value: a}]}], backendRefs: [${backend()}]}`),
    ),
    holds: join(
      service('cart'),
      atService(
        kind,
        `{matches: [{headers: [{name: x, value: a}]}], backendRefs: [${backend()}]}, ${rule(backend())}`,
      ),
    ),
  }),
  'rule-without-backend': kind => ({
    violates: join(world, atGateway(kind, '{matches: []}')),
    holds: join(world, atGateway(kind, rule(backend()))),
  }),
  'duplicate-rule-name': kind => ({
    violates: join(
      world,
      atGateway(
        kind,
        `{name: a, backendRefs: [${backend()}]}, {name: a, matches: [{headers: [{name: x, value: a}]}], backendRefs: [${backend()}]}`,
      ),
    ),
    holds: join(world, atGateway(kind, `{name: a, backendRefs: [${backend()}]}`)),
  }),
  'repeated-header': kind => ({
    violates: join(world, headers(kind, 'x-cohort', 'X-Cohort')),
    holds: join(world, headers(kind, 'x-cohort')),
  }),
  'invalid-regex': kind => ({
    violates: join(world, regex(kind, '(?=a)')),
    holds: join(world, regex(kind, '(?:a)')),
  }),
  'unreachable-match': kind => ({
    violates: join(world, atGateway(kind, `${asking('a')}, ${asking('a')}`)),
    holds: join(world, atGateway(kind, `${asking('a')}, ${asking('b')}`)),
  }),
  'gateway-api-rejects': kind => ({
    violates: atGateway(kind, rule(backend(', weight: -1'))),
    holds: atGateway(kind, rule(backend(', weight: 1'))),
  }),
}

export const gatewayApiExamples: Readonly<Record<string, RouteExample>> = {
  ...Object.fromEntries(
    Object.entries(pairs).flatMap(([id, pair]) => kinds.map(kind => [`${id} ${kind}`, pair(kind)] as const)),
  ),
  'grpc-route-on-http1-port GRPCRoute': {
    violates: join(
      gateway,
      service('cart', { port: '{name: http, port: 80}' }),
      atGateway('GRPCRoute', rule(backend())),
    ),
    holds: join(gateway, service('cart'), atGateway('GRPCRoute', rule(backend()))),
  },
  'gateway-api-rejects ReferenceGrant': {
    violates: grant('HTTPRoute').replace(', namespace: shop}', '}'),
    holds: grant('HTTPRoute'),
  },
}
