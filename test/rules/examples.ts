import { apisixExamples } from './apisix/examples.ts'
import { gatewayApiExamples } from './gateway-api/examples.ts'

/** For each rule and each kind that it judges: objects that break it, and the same fixed. One letter stands for what both share. */
export interface Example {
  readonly violates: string
  readonly holds: string
  /** The object that the finding is on, where it is not the only one of its kind. */
  readonly on?: string
  readonly complete?: boolean
}

const join = (...documents: readonly string[]): string => documents.join('\n---\n')
// oxlint-disable-next-line max-params -- what every object has, in the order in which it is written
const istio = (kind: string, name: string, spec: string, namespace = 'shop'): string =>
  `{apiVersion: networking.istio.io/v1, kind: ${kind}, metadata: {name: ${name}, namespace: ${namespace}, creationTimestamp: '2024-01-01T00:00:00Z'}, spec: ${spec}}`
const routes = (spec: string, name = 'cart'): string => istio('VirtualService', name, spec)
const http = (destinations: string): string => routes(`{hosts: [cart], http: [{route: [${destinations}]}]}`)
const to = (rest: string, more = ''): string => `{destination: {host: cart, ${rest}}${more}}`
const rule = (subsets: string): string =>
  istio('DestinationRule', 'cart', `{host: cart, subsets: [${subsets}]}`)
const v1 = '{name: v1, labels: {version: v1}}'
const v2 = '{name: v2, labels: {version: v2}}'
const both = rule(`${v1}, ${v2}`)
const service = (ports = '{name: http, port: 80}', name = 'cart'): string =>
  `{apiVersion: v1, kind: Service, metadata: {name: ${name}, namespace: shop}, spec: {selector: {app: cart}, ports: [${ports}]}}`
const exportedService = (to: string): string =>
  `{apiVersion: v1, kind: Service, metadata: {name: cart, namespace: shop, annotations: {networking.istio.io/exportTo: '${to}'}}, spec: {selector: {app: cart}, ports: [{name: http, port: 80}]}}`
const headless =
  '{apiVersion: v1, kind: Service, metadata: {name: cart, namespace: shop}, spec: {clusterIP: None, selector: {app: cart}, ports: [{name: http, port: 80}]}}'
const workload = (labels: string, kind = 'Deployment', apiVersion = 'apps/v1'): string =>
  kind === 'Pod'
    ? `{apiVersion: v1, kind: Pod, metadata: {name: w, namespace: shop, labels: {${labels}}}}`
    : `{apiVersion: ${apiVersion}, kind: ${kind}, metadata: {name: w, namespace: shop}, spec: {template: {metadata: {labels: {${labels}}}}}}`
const listening = (name: string): string =>
  `{apiVersion: apps/v1, kind: Deployment, metadata: {name: w, namespace: shop}, spec: {template: {metadata: {labels: {app: cart}}, spec: {containers: [{name: c, image: i, ports: [{name: ${name}, containerPort: 8080}]}]}}}}`
const bothVersions = ['v1', 'v2']
  .map(version => workload(`app: cart, version: ${version}`).replace('name: w,', `name: w-${version},`))
  .join('\n---\n')
const gateway = (hosts: string): string =>
  istio(
    'Gateway',
    'gw',
    `{selector: {istio: ingress}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [${hosts}]}]}`,
  )
const behindGateway = routes(
  '{hosts: [shop.example.com], gateways: [gw], http: [{route: [{destination: {host: cart}}]}]}',
)
const unlabelled = (kind: string, apiVersion = 'apps/v1'): Example => {
  const rest = join(service(), both, http(to('subset: v1')))
  return {
    violates: join(rest, workload('app: cart', kind, apiVersion)),
    holds: join(rest, workload('app: cart, version: v1', kind, apiVersion)),
  }
}
const canary = (
  annotations: string,
  spec = '{hosts: [cart], http: [{route: [{destination: {host: cart}}]}]}',
): string =>
  `{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: cart, namespace: shop, annotations: {${annotations}}}, spec: ${spec}}`
const record = (until: string): string =>
  canary(
    `kubectl-canary/cohorts: '{"cohorts":[{"service":"cart.shop","name":"internal","to":"v2","routes":["canary-cart-internal-1"],"until":"${until}"}]}'`,
  )
const rejected = (kind: string, spec: string, good: string): Example => ({
  violates: istio(kind, 'x', spec),
  holds: istio(kind, 'x', good),
})

export const examples: Readonly<Record<string, Example>> = {
  'weights-sum-to-100 VirtualService': {
    violates: http(`${to('subset: v1', ', weight: 90')}, ${to('subset: v2', ', weight: 20')}`),
    holds: http(`${to('subset: v1', ', weight: 90')}, ${to('subset: v2', ', weight: 10')}`),
  },
  'invalid-weight VirtualService': {
    violates: http(`${to('subset: v1', ', weight: -10')}, ${to('subset: v2', ', weight: 110')}`),
    holds: http(`${to('subset: v1', ', weight: 0')}, ${to('subset: v2', ', weight: 100')}`),
  },
  'ineffective-weight VirtualService': {
    violates: http(to('subset: v1', ', weight: 50')),
    holds: http(to('subset: v1', ', weight: 100')),
  },
  'missing-weight VirtualService': {
    violates: http(`${to('subset: v1', ', weight: 100')}, ${to('subset: v2')}`),
    holds: http(`${to('subset: v1', ', weight: 100')}, ${to('subset: v2', ', weight: 0')}`),
  },
  'repeated-destination VirtualService': {
    violates: http(`${to('subset: v1', ', weight: 50')}, ${to('subset: v1', ', weight: 50')}`),
    holds: http(`${to('subset: v1', ', weight: 50')}, ${to('subset: v2', ', weight: 50')}`),
  },
  'unknown-host DestinationRule': {
    violates: join(service(), istio('DestinationRule', 'cart', '{host: carts}')),
    holds: join(service(), istio('DestinationRule', 'cart', '{host: cart}')),
    complete: true,
  },
  ...Object.fromEntries(
    (
      [
        ['VirtualService', '{hosts: [cart], http: [{route: [{destination: {host: cart}}]}]'],
        ['DestinationRule', '{host: cart'],
        [
          'ServiceEntry',
          '{hosts: [a.example.com], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS',
        ],
      ] as const
    ).map(([kind, spec]) => [
      `unknown-namespace ${kind}`,
      {
        violates: join(service(), istio(kind, 'cart', `${spec}, exportTo: [., wbe]}`)),
        holds: join(service(), istio(kind, 'cart', `${spec}, exportTo: [.]}`)),
        complete: true,
      },
    ]),
  ),
  'unknown-namespace Service': {
    violates: exportedService('., wbe'),
    holds: exportedService('., istio-system'),
    complete: true,
  },
  'undefined-subset VirtualService': {
    violates: join(service(), rule(v1), http(to('subset: v2'))),
    holds: join(service(), both, http(to('subset: v2'))),
  },
  'subset-without-destination-rule VirtualService': {
    violates: join(service(), http(to('subset: v2'))),
    holds: join(service(), both, http(to('subset: v2'))),
  },
  'subset-hidden-from-clients VirtualService': {
    violates: join(
      service(),
      both,
      istio(
        'DestinationRule',
        'tls',
        '{host: cart.shop.svc.cluster.local, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}',
        'web',
      ),
      http(to('subset: v1')),
    ),
    holds: join(
      service(),
      both,
      istio(
        'DestinationRule',
        'tls',
        '{host: other.shop.svc.cluster.local, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}',
        'web',
      ),
      http(to('subset: v1')),
    ),
  },
  'undefined-subset-inactive VirtualService': {
    violates: join(
      service(),
      rule(v1),
      http(`${to('subset: v1', ', weight: 100')}, ${to('subset: v2', ', weight: 0')}`),
    ),
    holds: join(
      service(),
      both,
      http(`${to('subset: v1', ', weight: 100')}, ${to('subset: v2', ', weight: 0')}`),
    ),
  },
  'duplicate-subset DestinationRule': { violates: rule(`${v1}, ${v1}`), holds: both },
  'unmerged-destination-rules DestinationRule': {
    violates: join(
      istio('DestinationRule', 'a', `{host: cart, exportTo: ['.'], subsets: [${v1}]}`),
      istio('DestinationRule', 'b', `{host: cart, exportTo: ['*'], subsets: [${v2}]}`),
    ),
    holds: join(
      istio('DestinationRule', 'a', `{host: cart, subsets: [${v1}]}`),
      istio('DestinationRule', 'b', `{host: cart.shop.svc.cluster.local, subsets: [${v2}]}`),
    ),
    on: 'b',
  },
  'subset-matches-no-workload VirtualService': {
    violates: join(service(), both, workload('app: cart, version: v1'), http(to('subset: v2'))),
    holds: join(service(), both, workload('app: cart, version: v2'), http(to('subset: v2'))),
  },
  'unknown-host VirtualService': {
    violates: http('{destination: {host: card}}'),
    holds: join(service(), http('{destination: {host: cart}}')),
  },
  'unexpanded-host VirtualService': {
    violates: join(service(), http('{destination: {host: cart.shop}}')),
    holds: join(service(), http('{destination: {host: cart.shop.svc.cluster.local}}')),
  },
  'unexpanded-host DestinationRule': {
    violates: join(service(), istio('DestinationRule', 'cart', '{host: cart.shop}')),
    holds: join(service(), istio('DestinationRule', 'cart', '{host: cart.shop.svc.cluster.local}')),
  },
  'unknown-port VirtualService': {
    violates: join(service(), http(to('port: {number: 8080}'))),
    holds: join(service(), http(to('port: {number: 80}'))),
  },
  'ambiguous-port VirtualService': {
    violates: join(
      service('{name: http, port: 8080}'),
      service('{name: http, port: 80}', 'shop'),
      routes('{hosts: [shop], http: [{route: [{destination: {host: cart}}]}]}'),
    ),
    holds: join(
      service('{name: http, port: 8080}'),
      service('{name: http, port: 80}', 'shop'),
      routes('{hosts: [shop], http: [{route: [{destination: {host: cart, port: {number: 8080}}}]}]}'),
    ),
  },
  'unnamed-port Service': {
    violates: join(service('{port: 80}'), http('{destination: {host: cart}}')),
    holds: join(service('{port: 80, appProtocol: http}'), http('{destination: {host: cart}}')),
  },
  'unknown-target-port VirtualService': {
    violates: join(
      service('{name: http, port: 80, targetPort: web}'),
      listening('http'),
      http(to('port: {number: 80}')),
    ),
    holds: join(
      service('{name: http, port: 80, targetPort: web}'),
      listening('web'),
      http(to('port: {number: 80}')),
    ),
  },
  'http-route-on-non-http-port VirtualService': {
    violates: join(service('{name: tcp, port: 80}'), http('{destination: {host: cart}}')),
    holds: join(service('{name: grpc, port: 80}'), http('{destination: {host: cart}}')),
  },
  'headless-not-split VirtualService': {
    violates: join(headless, both, bothVersions, http(to('subset: v1'))),
    holds: join(service(), both, bothVersions, http(to('subset: v1'))),
  },
  'missing-version-label Deployment': unlabelled('Deployment'),
  'missing-version-label StatefulSet': unlabelled('StatefulSet'),
  'missing-version-label DaemonSet': unlabelled('DaemonSet'),
  'missing-version-label ReplicaSet': unlabelled('ReplicaSet'),
  'missing-version-label Rollout': unlabelled('Rollout', 'argoproj.io/v1alpha1'),
  'missing-version-label ReplicationController': unlabelled('ReplicationController', 'v1'),
  'missing-version-label DeploymentConfig': unlabelled('DeploymentConfig', 'apps.openshift.io/v1'),
  'missing-version-label CloneSet': unlabelled('CloneSet', 'apps.kruise.io/v1alpha1'),
  'missing-version-label StatefulSet.apps.kruise.io': unlabelled('StatefulSet', 'apps.kruise.io/v1beta1'),
  'missing-version-label DaemonSet.apps.kruise.io': unlabelled('DaemonSet', 'apps.kruise.io/v1alpha1'),
  'missing-version-label Pod': unlabelled('Pod'),
  'conflicting-virtual-services VirtualService': {
    violates: join(
      service(),
      http('{destination: {host: cart}}'),
      routes('{hosts: [cart], http: [{route: [{destination: {host: cart}}]}]}', 'cart-too'),
    ),
    holds: join(
      service(),
      service(undefined, 'card'),
      http('{destination: {host: cart}}'),
      routes('{hosts: [card], http: [{route: [{destination: {host: cart}}]}]}', 'cart-too'),
    ),
    on: 'cart-too',
  },
  'broken-delegate VirtualService': {
    violates: join(service(), routes('{hosts: [cart], http: [{delegate: {name: pay}}]}')),
    holds: join(
      service(),
      routes('{hosts: [cart], http: [{delegate: {name: pay}}]}'),
      routes('{http: [{route: [{destination: {host: cart}}]}]}', 'pay'),
    ),
  },
  'unknown-gateway VirtualService': {
    violates: join(service(), gateway("'*.example.org'"), behindGateway),
    holds: join(service(), gateway("'*.example.com'"), behindGateway),
  },
  'unreachable-route VirtualService': {
    violates: join(
      service(),
      routes(
        '{hosts: [cart], http: [{route: [{destination: {host: cart}}]}, {match: [{uri: {prefix: /new}}], route: [{destination: {host: cart}}]}]}',
      ),
    ),
    holds: join(
      service(),
      routes(
        '{hosts: [cart], http: [{match: [{uri: {prefix: /new}}], route: [{destination: {host: cart}}]}, {route: [{destination: {host: cart}}]}]}',
      ),
    ),
  },
  'applies-nowhere VirtualService': {
    violates: join(
      service('{name: http, port: 8080}'),
      routes('{hosts: [card], http: [{route: [{destination: {host: cart}}]}]}'),
    ),
    holds: join(service(), http('{destination: {host: cart}}')),
    complete: true,
  },
  'unreadable-record VirtualService': {
    violates: canary("kubectl-canary/cohorts: 'internal: v2', kubectl-canary/stable: ''"),
    holds: canary(
      `kubectl-canary/cohorts: '{"cohorts":[{"service":"cart.shop","name":"internal","to":"v2","routes":["canary-cart-internal-1"]}]}', kubectl-canary/stable: v1`,
    ),
  },
  'expired-cohort VirtualService': {
    violates: record('2025-12-31T18:00:00Z'),
    holds: record('2099-12-31T18:00:00Z'),
  },
  'istio-rejects VirtualService': rejected(
    'VirtualService',
    '{hosts: [], http: []}',
    '{hosts: [cart], http: [{route: [{destination: {host: cart}}]}]}',
  ),
  'istio-rejects DestinationRule': rejected(
    'DestinationRule',
    '{host: cart, subsets: [{name: ""}]}',
    '{host: cart}',
  ),
  'istio-rejects Gateway': rejected(
    'Gateway',
    '{servers: {}}',
    '{servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}',
  ),
  'istio-rejects ServiceEntry': rejected(
    'ServiceEntry',
    '{hosts: ext.com}',
    '{hosts: [ext.com], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}',
  ),
  'istio-rejects Sidecar': rejected('Sidecar', '{egress: {}}', '{egress: [{hosts: ["./*"]}]}'),
  'istio-rejects WorkloadEntry': rejected('WorkloadEntry', '{address: 1}', '{address: 10.0.0.1}'),
  'istio-rejects WorkloadGroup': rejected(
    'WorkloadGroup',
    '{template: []}',
    '{template: {ports: {http: 80}}}',
  ),
  ...gatewayApiExamples,
  ...apisixExamples,
}
