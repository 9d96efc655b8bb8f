import assert from 'node:assert/strict'
import { test } from 'node:test'
import { saidOf } from './reports.ts'
import {
  budget,
  deployment,
  destinationRule,
  disabled,
  namespace,
  optingOut,
  peer,
  scaler,
  service,
  virtualService,
  world,
} from './worlds.ts'

/** Each: the check, what the world is, the state, and what the sentences say. */
const cases: readonly (readonly [string, string, ReturnType<typeof world>, string | undefined, RegExp?])[] = [
  [
    'pod-labels',
    'no version label, and a route selects by it',
    world({ v2: deployment('catalog-v2', 'app: catalog') }),
    'fail',
    /missing|does not have this label/,
  ],
  [
    'pod-labels',
    'no version label, without routes',
    world({ rule: '', route: '', v2: '', v1: deployment('catalog', 'app: catalog') }),
    'warn',
    /no label version/,
  ],
  [
    'pod-labels',
    'no app label',
    world({
      v2: '',
      rule: '',
      route: '',
      service: service('selector: {run: catalog}'),
      v1: deployment('catalog', 'run: catalog, version: v1'),
    }),
    'warn',
    /no label app/,
  ],
  [
    'pod-labels',
    'the recommended label of the application',
    world({
      v2: '',
      rule: '',
      route: '',
      service: service('selector: {app.kubernetes.io/name: catalog}'),
      v1: deployment('catalog', 'app.kubernetes.io/name: catalog, version: v1'),
    }),
    'pass',
  ],
  [
    'workload-service',
    'a Service without pods',
    world({ v1: '', v2: '', rule: '', route: '' }),
    'warn',
    /which no workload has/,
  ],
  [
    'service-selector',
    'a selector with a version',
    world({ service: service('selector: {app: catalog, version: v1}') }),
    'warn',
    /leaves out Deployment catalog-v2/,
  ],
  [
    'ports',
    'a port without protocol',
    world({ service: service(undefined, '{name: api, port: 80}'), rule: '', route: '' }),
    'warn',
    /port 80 .*api is no protocol/,
  ],
  [
    'ports',
    'a port without protocol that a route uses',
    world({ service: service(undefined, '{name: api, port: 80}') }),
    'fail',
    /does not declare its protocol/,
  ],
  [
    'ports',
    'appProtocol',
    world({ service: service(undefined, '{name: api, port: 80, appProtocol: http}') }),
    'pass',
  ],
  [
    'ports',
    'UDP',
    world({ service: service(undefined, '{name: http, port: 80}, {name: x, port: 99, protocol: UDP}') }),
    'pass',
  ],
  [
    'port-conflicts',
    'two Services, two protocols',
    world(
      {},
      '{apiVersion: v1, kind: Service, metadata: {name: raw, namespace: shop}, spec: {selector: {app: catalog}, ports: [{name: tcp-x, port: 99, targetPort: http}]}}',
    ),
    'fail',
    /port 8080 .* catalog says HTTP, Service raw says TCP/,
  ],
  [
    'port-conflicts',
    'two Services, one protocol',
    world(
      {},
      '{apiVersion: v1, kind: Service, metadata: {name: other, namespace: shop}, spec: {selector: {app: catalog}, ports: [{name: grpc, port: 99, targetPort: 8080}]}}',
    ),
    'pass',
  ],
  [
    'port-conflicts',
    'two Services, two ports',
    world(
      {},
      '{apiVersion: v1, kind: Service, metadata: {name: raw, namespace: shop}, spec: {selector: {app: catalog}, ports: [{name: tcp-x, port: 99}]}}',
    ),
    'pass',
  ],
  [
    'injection',
    'a namespace without labels',
    world({ namespace: namespace('team: shop') }),
    'warn',
    /not in the mesh/,
  ],
  [
    'injection',
    'a namespace that refuses',
    world({ namespace: namespace('istio-injection: disabled') }),
    'warn',
    /istio-injection=disabled/,
  ],
  ['injection', 'a revision', world({ namespace: namespace('istio.io/rev: asm-managed') }), 'pass'],
  [
    'injection',
    'ambient mode',
    world({ namespace: namespace('istio.io/dataplane-mode: ambient') }),
    'pass',
    /ambient/,
  ],
  [
    'injection',
    'a pod template that opts out',
    world({ v2: optingOut }),
    'warn',
    /Deployment catalog-v2 opts out/,
  ],
  ['injection', 'no Namespace in view', world({ namespace: '' }), 'unknown', /not in view/],
  ['waypoint', 'sidecars', world(), undefined],
  [
    'waypoint',
    'ambient mode, routes, no waypoint',
    world({ namespace: namespace('istio.io/dataplane-mode: ambient') }),
    'fail',
    /no waypoint/,
  ],
  [
    'waypoint',
    'ambient mode, no routes, no waypoint',
    world({ namespace: namespace('istio.io/dataplane-mode: ambient'), route: '' }),
    'warn',
    /no waypoint/,
  ],
  [
    'waypoint',
    'ambient mode, a waypoint of the namespace',
    world({ namespace: namespace('istio.io/dataplane-mode: ambient, istio.io/use-waypoint: waypoint') }),
    'pass',
  ],
  ['subsets', 'a subset without pods that gets requests', world({ v2: '' }), 'fail', /selects version=v2/],
  [
    'subsets',
    'a subset without pods that gets none',
    world({ v2: '', route: virtualService().replace('90', '100').replace('weight: 10}', 'weight: 0}') }),
    'pass',
    /v2 has no pods and gets no requests/,
  ],
  [
    'subsets',
    'an undefined subset',
    world({ rule: destinationRule().replace('{name: v2,', '{name: v3,') }),
    'fail',
  ],
  ['destination-rules', 'one rule', world(), 'pass', /all callers apply DestinationRule catalog/],
  [
    'destination-rules',
    'a second rule with another exportTo',
    world({}, destinationRule(', exportTo: ["*"]').replace('name: catalog,', 'name: later,')),
    'warn',
    /not merged/,
  ],
  [
    'virtual-services',
    'two for one host',
    world({}, virtualService().replace('name: catalog,', 'name: later,').replace('2026-01', '2026-02')),
    'warn',
    /already has the host/,
  ],
  [
    'route-coverage',
    'a gateway alone',
    world(
      { route: virtualService(', gateways: [ingress]') },
      '{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: ingress, namespace: shop}, spec: {selector: {istio: ingress}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}}',
    ),
    'warn',
    /callers in the mesh/,
  ],
  [
    'routes',
    'weights that do not add up',
    world({ route: virtualService().replace('weight: 90', 'weight: 80') }),
    'fail',
    /90|100/,
  ],
  [
    'mtls',
    'STRICT and DISABLE',
    world({ rule: disabled }, peer('mtls: {mode: STRICT}')),
    'fail',
    /port 80: .* says DISABLE, .* accepts? only mTLS/,
  ],
  [
    'mtls',
    'STRICT in the root namespace',
    world({ rule: disabled }, peer('mtls: {mode: STRICT}', { where: 'istio-system' })),
    'fail',
  ],
  [
    'mtls',
    'STRICT in the root namespace, PERMISSIVE in this',
    world(
      { rule: disabled },
      peer('mtls: {mode: STRICT}', { where: 'istio-system' }),
      peer('mtls: {mode: PERMISSIVE}'),
    ),
    'pass',
  ],
  [
    'mtls',
    'STRICT for one workload',
    world({ rule: disabled }, peer('selector: {matchLabels: {version: v2}}, mtls: {mode: STRICT}')),
    'fail',
    /Deployment catalog-v2/,
  ],
  [
    'mtls',
    'a port of the workload apart',
    world(
      { rule: disabled },
      peer(
        'selector: {matchLabels: {app: catalog}}, mtls: {mode: STRICT}, portLevelMtls: {8080: {mode: PERMISSIVE}}',
      ),
    ),
    'pass',
  ],
  [
    'mtls',
    'a port of the rule apart',
    world(
      {
        rule: destinationRule(
          ', trafficPolicy: {tls: {mode: DISABLE}, portLevelSettings: [{port: {number: 80}, tls: {mode: ISTIO_MUTUAL}}]}',
        ),
      },
      peer('mtls: {mode: STRICT}'),
    ),
    'pass',
  ],
  [
    'mtls',
    'ISTIO_MUTUAL and DISABLE',
    world(
      { rule: destinationRule(', trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}') },
      peer('mtls: {mode: DISABLE}'),
    ),
    'fail',
    /only plain text/,
  ],
  [
    'mtls',
    'ISTIO_MUTUAL and pods without sidecars',
    world({ v2: optingOut, rule: destinationRule(', trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}') }),
    'fail',
    /have no sidecar/,
  ],
  ['mtls', 'STRICT, and the proxies choose', world({}, peer('mtls: {mode: STRICT}')), 'pass', /STRICT/],
  [
    'headless',
    'a headless Service with a split',
    world({ service: service('clusterIP: None, selector: {app: catalog}') }),
    'warn',
    /headless/,
  ],
  [
    'headless',
    'a headless Service without routes',
    world({ service: service('clusterIP: None, selector: {app: catalog}'), rule: '', route: '' }),
    'warn',
    /would ignore weights/,
  ],
  [
    'session-affinity',
    'ClientIP and a split',
    world({ service: service('sessionAffinity: ClientIP, selector: {app: catalog}') }),
    'warn',
    /ignore sessionAffinity/,
  ],
  [
    'session-affinity',
    'ClientIP without a split',
    world({ service: service('sessionAffinity: ClientIP, selector: {app: catalog}'), route: '' }),
    'pass',
  ],
  [
    'autoscaling',
    'stable alone is scaled',
    world({}, scaler('catalog')),
    'warn',
    /catalog-v2 has no autoscaler/,
  ],
  ['autoscaling', 'both are scaled', world({}, scaler('catalog'), scaler('catalog-v2')), 'pass'],
  [
    'autoscaling',
    'too small a bound',
    world(
      { v1: deployment('catalog', 'app: catalog, version: v1', { replicas: 30 }) },
      scaler('catalog', 40),
      scaler('catalog-v2', 2),
    ),
    'warn',
    /needs 3 pods; .* allows 2/,
  ],
  [
    'disruption-budgets',
    'no eviction allowed',
    world({}, budget('maxUnavailable: 0')),
    'warn',
    /allows no eviction/,
  ],
  ['disruption-budgets', 'as many as there are', world({}, budget('minAvailable: 3')), 'warn', /have 3 pods/],
  ['disruption-budgets', 'all of them in percent', world({}, budget('minAvailable: 100%')), 'warn'],
  ['disruption-budgets', 'one less', world({}, budget('minAvailable: 2')), 'pass'],
  [
    'disruption-budgets',
    'two for one pod',
    world({}, budget('maxUnavailable: 1'), budget('maxUnavailable: 1', 'again')),
    'warn',
    /cannot be evicted at all/,
  ],
  [
    'disruption-budgets',
    'one for other pods',
    world({}, budget('maxUnavailable: 0').replace('app: catalog', 'app: other')),
    'pass',
    /no PodDisruptionBudget/,
  ],
  [
    'capacity',
    'no ready pod',
    world({
      v2: deployment('catalog-v2', 'app: catalog, version: v2').replace(
        'readyReplicas: 2',
        'readyReplicas: 0',
      ),
    }),
    'fail',
    /no ready pod/,
  ],
  [
    'capacity',
    'too few for the share',
    world({ v1: deployment('catalog', 'app: catalog, version: v1', { replicas: 30 }) }),
    'warn',
    /needs 3/,
  ],
]

for (const [id, title, objects, state, message] of cases)
  test(`${id}: ${title} is ${state ?? 'no matter of it'}`, () => {
    const said = saidOf(id, objects)
    assert.equal(said.state, state, said.results.join('\n'))
    if (message !== undefined) assert.match(said.results.join('\n'), message)
    const fixable = said.results.filter(result => !/^(pass|unknown) /.test(result))
    if (fixable.length > 0 && id !== 'workload-service') assert.ok(said.fixes.length > 0, 'a fix')
  })
