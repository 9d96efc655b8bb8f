/** The examples of the rules about ApisixRoutes: what breaks each, and the same fixed. */
interface ApisixExample {
  readonly violates: string
  readonly holds: string
  readonly complete?: boolean
}

const join = (...documents: readonly string[]): string => documents.join('\n---\n')
const service = (name: string, version: string): string =>
  `{apiVersion: v1, kind: Service, metadata: {name: ${name}, namespace: shop}, spec: {selector: {app: cart, version: ${version}}, ports: [{name: http, port: 80}]}}`
const deployment = (version: string): string =>
  `{apiVersion: apps/v1, kind: Deployment, metadata: {name: cart-${version}, namespace: shop}, spec: {template: {metadata: {labels: {app: cart, version: ${version}}}}}}`
const listening = (name: string): string =>
  deployment('v1').replace(
    'version: v1}}',
    `version: v1}}, spec: {containers: [{name: c, image: i, ports: [{name: ${name}, containerPort: 8080}]}]}`,
  )
const toWeb = service('cart-v1', 'v1').replace('port: 80', 'port: 80, targetPort: web')
const world = join(service('cart-v1', 'v1'), service('cart-v2', 'v2'), deployment('v1'))
const backend = (name: string, more = ''): string => `{serviceName: ${name}, servicePort: 80${more}}`
const v1 = (more = ''): string => backend('cart-v1', more)
const v2 = (more = ''): string => backend('cart-v2', more)
const rule = (backends: string, more = '', name = 'cart'): string =>
  `{name: ${name}, match: {hosts: [shop.example.com], paths: ['/cart*']}, backends: [${backends}]${more}}`
const asking = (more = ''): string =>
  `{name: gold, match: {hosts: [shop.example.com], paths: ['/cart*'], exprs: [{subject: {scope: Header, name: x-tier}, op: Equal, value: gold}]}, backends: [${v2()}]${more}}`
const route = (rules: string, annotations = ''): string =>
  `{apiVersion: apisix.apache.org/v2, kind: ApisixRoute, metadata: {name: cart, namespace: shop${annotations === '' ? '' : `, annotations: {${annotations}}`}}, spec: {ingressClassName: apisix, http: [${rules}]}}`
const record = (until: string): string =>
  `kubectl-canary/cohorts: '{"cohorts":[{"service":"cart.shop","name":"internal","to":"v2","routes":["cart-internal"],"until":"${until}"}]}'`
const common = `{apiVersion: apisix.apache.org/v2, kind: ApisixPluginConfig, metadata: {name: common, namespace: shop}, spec: {plugins: [{name: cors, enable: true}]}}`
const both = `${v1(', weight: 90')}, ${v2(', weight: 10')}`
const plugins = ', plugins: [{name: traffic-split, enable: true}]'

/** By the id of the rule. */
const examples: Readonly<Record<string, ApisixExample>> = {
  'weights-sum-to-zero': {
    violates: join(world, route(rule(`${v1(', weight: 0')}, ${v2(', weight: 0')}`))),
    holds: join(world, route(rule(`${v1(', weight: 100')}, ${v2(', weight: 0')}`))),
  },
  'unknown-backend': {
    violates: join(world, route(rule(backend('card-v1')))),
    holds: join(world, route(rule(v1()))),
  },
  'unknown-port': {
    violates: join(world, route(rule('{serviceName: cart-v1, servicePort: 8080}'))),
    holds: join(world, route(rule(v1()))),
  },
  'unknown-target-port': {
    violates: join(toWeb, listening('http'), route(rule(v1()))),
    holds: join(toWeb, listening('web'), route(rule(v1()))),
  },
  'backend-matches-no-workload': {
    violates: join(world, route(rule(v2()))),
    holds: join(world, deployment('v2'), route(rule(v2()))),
    complete: true,
  },
  'invalid-weight': {
    violates: join(world, route(rule(`${v1(', weight: 90')}, ${v2(', weight: -5')}`))),
    holds: join(world, route(rule(`${v1(', weight: 90')}, ${v2(', weight: 5')}`))),
  },
  'repeated-backend': {
    violates: join(world, route(rule(`${v1(', weight: 90')}, ${v1(', weight: 10')}`))),
    holds: join(world, route(rule(both))),
  },
  'overridden-weights': {
    violates: join(world, route(rule(both, plugins))),
    holds: join(world, route(rule(both))),
  },
  'unknown-plugin-config': {
    violates: join(world, common, route(rule(v1(), ', plugin_config_name: comon'))),
    holds: join(world, common, route(rule(v1(), ', plugin_config_name: common'))),
  },
  'duplicate-rule-name': {
    violates: join(world, route(`${rule(v1())}, ${rule(v2(), ', priority: 1')}`)),
    holds: join(world, route(`${rule(v1())}, ${rule(v2(), ', priority: 1', 'next')}`)),
  },
  'undefined-rule-order': {
    violates: join(world, route(`${rule(v1())}, ${asking()}`)),
    holds: join(world, route(`${rule(v1())}, ${asking(', priority: 1')}`)),
  },
  'apisix-rejects': {
    violates: join(world, route(rule(`${v1(", weight: '90'")}, ${v2(', weight: 10')}`))),
    holds: join(world, route(rule(both))),
  },
  'unreadable-record': {
    violates: join(world, route(rule(v1()), "kubectl-canary/cohorts: 'internal: v2'")),
    holds: join(world, route(rule(v1()), 'kubectl-canary/stable: v1')),
  },
  'expired-cohort': {
    violates: join(world, route(rule(v1()), record('2025-12-31T18:00:00Z'))),
    holds: join(world, route(rule(v1()), record('2099-12-31T18:00:00Z'))),
  },
}

export const apisixExamples: Readonly<Record<string, ApisixExample>> = Object.fromEntries(
  Object.entries(examples).map(([id, example]) => [`${id} ApisixRoute`, example]),
)
