import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { likelyProtocol } from '../../../shared/workloads/mesh/likely-protocol.ts'
import { listed } from '../../../shared/readiness/facts/names.ts'
import { likelyVersion, versionInLabels } from '../../../shared/objects/labels.ts'
import { worstOf } from '../../../shared/readiness/check.ts'
import { saidOf } from '../reports.ts'
import { budget, deployment, namespace, peer, scaler, service, virtualService, world } from '../worlds.ts'

const versioned = (name: string, version: string, more = {}): string =>
  deployment(name, `app: catalog, version: ${version}`, more)

describe('the version that a fix proposes', () => {
  it('is that of the recommended label, where no other workload has the same', () => {
    const of = (...said: readonly string[]): readonly (string | undefined)[] => {
      const all = said.map(version => ({ 'app.kubernetes.io/version': version }))
      return all.map(labels => versionInLabels(labels, all))
    }
    assert.deepEqual(of('1.9', '2.0'), ['1.9', '2.0'])
    assert.deepEqual(of('1.9', '1.9'), [undefined, undefined])
    assert.deepEqual(of('no label!'), [undefined])
    assert.equal(versionInLabels({ app: 'catalog' }, [{ app: 'catalog' }]), undefined)
    const bare = (name: string, version: string): string =>
      deployment(name, `app: catalog, app.kubernetes.io/version: "${version}"`)
    const v1 = deployment('catalog-v1', 'app: catalog, version: v1')
    const { fixes } = saidOf('pod-labels', world({ route: '', rule: '', v1, v2: bare('catalog-v2', '2.0') }))
    assert.match(fixes.join(' '), /"version":"2\.0"/)
    assert.equal(fixes.length, 1)
  })

  it('is none where the recommended label tells the workloads apart, as init takes it', () => {
    const bare = (name: string, version: string): string =>
      deployment(name, `app: catalog, app.kubernetes.io/version: "${version}"`)
    const told = { v1: bare('catalog-v1', '1.9'), v2: bare('catalog-v2', '2.0') }
    assert.deepEqual(saidOf('pod-labels', world({ route: '', rule: '', ...told })).fixes, [])
    const alike = { v1: bare('catalog-v1', '1.9'), v2: bare('catalog-v2', '1.9') }
    assert.equal(saidOf('pod-labels', world({ route: '', rule: '', ...alike })).fixes.length, 2)
  })
})

describe('what a fix proposes', () => {
  it('is the version in the name of the workload, or the next free number', () => {
    const named = (name: string, ...taken: readonly string[]): string =>
      likelyVersion(name, 'catalog', new Set(taken))
    assert.equal(named('catalog-v2'), 'v2')
    assert.equal(named('catalog-v2', 'v2'), 'v1')
    assert.equal(named('catalog-next'), 'next')
    assert.equal(named('catalog', 'v1'), 'v2')
    assert.equal(named(`catalog-${'x'.repeat(64)}`), 'v1')
  })

  it('is the protocol that the name, the target or the number of a port suggests', () => {
    for (const [port, protocol] of [
      [{ name: 'grpc-x', port: 80 }, 'grpc'],
      [{ name: 'db', port: 80 }, 'tcp'],
      [{ port: 443 }, 'https'],
      [{ name: 'web', port: 80, targetPort: 5432 }, 'tcp'],
      [{ name: 'web', port: 6379, targetPort: 8080 }, 'tcp'],
      [{ name: 'web', port: 8080 }, 'http'],
    ] as const)
      assert.equal(likelyProtocol(port), protocol, JSON.stringify(port))
  })

  it('names the value that is not a protocol: appProtocol before the name', () => {
    const port = '{name: http-x, appProtocol: foo, port: 80, targetPort: 8080}'
    const said = saidOf('ports', world({ route: '', service: service(undefined, port) }))
    assert.match(said.results.join('\n'), /\(foo is not a protocol\)/)
  })

  it('creates a headless Service again with its labels and annotations, and without its address', () => {
    const headless = service('clusterIP: None, selector: {app: catalog}').replace(
      'namespace: shop}',
      'namespace: shop, labels: {team: a}, annotations: {note: b, kubectl.kubernetes.io/last-applied-configuration: c}}',
    )
    const { fixes } = saidOf('headless', world({ service: headless }))
    const made = fixes.find(line => line.includes('"kind":"Service"'))!
    assert.match(made, /"labels":\{"team":"a"\},"annotations":\{"note":"b"\}/)
    assert.doesNotMatch(made, /clusterIP/)
  })
})

describe('the fix of a headless Service', () => {
  it('adds a second Service beside a headless one that a StatefulSet names', () => {
    const headless = service('clusterIP: None, selector: {app: catalog}')
    const set = (version: string): string =>
      versioned('catalog', version)
        .replace('kind: Deployment', 'kind: StatefulSet')
        .replace('spec: {', 'spec: {serviceName: catalog, ')
    const { fixes } = saidOf('headless', world({ service: headless, v1: set('v1'), v2: set('v2') }))
    assert.equal(
      fixes.some(line => line.includes('kubectl delete')),
      false,
    )
    assert.match(fixes.join('\n'), /"name":"catalog-routed","namespace":"shop"/)
  })
})

describe('the fix of a shortage of pods', () => {
  const short = (...added: readonly string[]) =>
    saidOf('capacity', world({ v1: versioned('catalog', 'v1', { replicas: 30 }) }, ...added))

  it('scales the workload, or where an autoscaler does that, raises its bounds', () => {
    assert.deepEqual(short().fixes, ['kubectl scale deployment catalog-v2 -n shop --replicas=3'])
    const bounds = (most: number): string => short(scaler('catalog-v2', most)).fixes.join('\n')
    assert.match(bounds(2), /"minReplicas":3,"maxReplicas":3/)
    assert.match(bounds(5), /"minReplicas":3\}/)
    assert.doesNotMatch(bounds(5), /maxReplicas/)
  })

  it('is none where several workloads run the version', () => {
    assert.deepEqual(short(versioned('catalog-v2-b', 'v2', { replicas: 1 })).fixes, [])
  })
})

describe('users of a Service with sessionAffinity', () => {
  const asking = service('selector: {app: catalog}, sessionAffinity: ClientIP')
  const fixed = (route: string): readonly string[] =>
    saidOf('session-affinity', world({ service: asking, route })).fixes

  it('get the same split with a cookie, and stable is named where it is not recorded', () => {
    assert.deepEqual(fixed(virtualService()), [
      'kubectl canary weight catalog v1=90 v2=10 --sticky --stable v1 -n shop',
    ])
    const recorded = virtualService().replace(
      'name: catalog, ',
      'name: catalog, annotations: {kubectl-canary/stable: v1}, ',
    )
    assert.deepEqual(fixed(recorded), ['kubectl canary weight catalog v1=90 v2=10 --sticky -n shop'])
  })

  it('get a sentence where the shares are no whole percentages', () => {
    const thirds = virtualService().replace('weight: 90', 'weight: 2').replace('weight: 10', 'weight: 1')
    assert.match(fixed(thirds).join('\n'), /^Set the weights again with --sticky/)
  })
})

describe('the checks of pods', () => {
  it('ask no version label of pods that a subset tells apart by another label', () => {
    const rule = `{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: catalog, namespace: shop}, spec: {host: catalog, subsets: [{name: v1, labels: {release: old}}, {name: v2, labels: {release: new}}]}}`
    const parts = {
      rule,
      v1: deployment('catalog', 'app: catalog, release: old'),
      v2: deployment('catalog-v2', 'app: catalog, release: new'),
    }
    assert.equal(saidOf('pod-labels', world(parts)).state, 'pass')
  })
})

describe('the checks of a waypoint', () => {
  it('fail only where callers in the mesh have routes', () => {
    const ambient = namespace('istio.io/dataplane-mode: ambient')
    const atGateway = virtualService(', gateways: [public]')
    assert.equal(saidOf('waypoint', world({ namespace: ambient })).state, 'fail')
    assert.equal(saidOf('waypoint', world({ namespace: ambient, route: atGateway })).state, 'warn')
    const gateway = `{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: public, namespace: shop}, spec: {selector: {a: b}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}}`
    assert.equal(saidOf('waypoint', world({ namespace: ambient, route: atGateway }, gateway)).state, 'warn')
  })

  it('ask for a waypoint where one port of several speaks HTTP', () => {
    const said = (ports: string): string | undefined =>
      saidOf(
        'waypoint',
        world({
          namespace: namespace('istio.io/dataplane-mode: ambient'),
          service: service(undefined, ports),
        }),
      ).state
    const raw = '{name: tcp-b, port: 81, targetPort: 8081}'
    assert.equal(said(`{name: http, port: 80, targetPort: 8080}, ${raw}`), 'fail')
    assert.equal(said(raw), undefined)
  })

  it('cannot tell on files without the Namespace', () => {
    const labels = (version: string): string =>
      `app: catalog, version: ${version}, istio.io/dataplane-mode: ambient`
    const parts = {
      namespace: '',
      v1: deployment('catalog', labels('v1')),
      v2: deployment('catalog-v2', labels('v2')),
    }
    const { state, results } = saidOf('waypoint', world(parts), { live: false })
    assert.equal(state, 'unknown', results.join())
    assert.match(results.join(), /^unknown Namespace shop is not in these files: /)
  })
})

describe('the check of disruption budgets', () => {
  it('reads the expressions of a selector', () => {
    const by = (expression: string): string | undefined =>
      saidOf(
        'disruption-budgets',
        world(
          {},
          budget('maxUnavailable: 0').replace(
            'matchLabels: {app: catalog}',
            `matchLabels: {app: catalog}, matchExpressions: [${expression}]`,
          ),
        ),
      ).state
    for (const [expression, state] of [
      ['{key: version, operator: In, values: [v1]}', 'warn'],
      ['{key: version, operator: In, values: [v9]}', 'pass'],
      ['{key: version, operator: NotIn, values: [v1, v2]}', 'pass'],
      ['{key: version, operator: NotIn, values: [v9]}', 'warn'],
      ['{key: none, operator: NotIn, values: [v9]}', 'warn'],
      ['{key: version, operator: Exists}', 'warn'],
      ['{key: none, operator: Exists}', 'pass'],
      ['{key: version, operator: DoesNotExist}', 'pass'],
      ['{key: none, operator: DoesNotExist}', 'warn'],
    ] as const)
      assert.equal(by(expression), state, expression)
  })
})

describe('the checks of routes', () => {
  it('of TLS name the ports by what their pods accept, each once', () => {
    const ports = '{name: http, port: 80, targetPort: 8080}, {name: http-b, port: 81, targetPort: 8081}'
    const strict = peer(
      'selector: {matchLabels: {app: catalog}}, mtls: {mode: STRICT}, portLevelMtls: {8081: {mode: PERMISSIVE}}',
    )
    const { results } = saidOf('mtls', world({ service: service(undefined, ports) }, strict))
    assert.deepEqual(results, [
      'pass 80: STRICT (PeerAuthentication default); 81: PERMISSIVE (PeerAuthentication default)',
    ])
    assert.equal(saidOf('mtls', world({ v1: '', v2: '' })).state, undefined)
  })

  it('of coverage name each route of another API', () => {
    const http = (name: string): string =>
      `{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: ${name}, namespace: shop}, spec: {parentRefs: [{group: '', kind: Service, name: catalog}], rules: [{backendRefs: [{name: catalog, port: 80}]}]}}`
    const said = (...names: readonly string[]): string =>
      saidOf('route-coverage', world({}, ...names.map(http))).results.join('\n')
    assert.match(said('one'), /HTTPRoute one routes catalog, too, by another API/)
    assert.match(said('one', 'two'), /HTTPRoute one and HTTPRoute two route catalog, too, by another API/)
  })

  it('of conflicts name each VirtualService once', () => {
    const { results } = saidOf('virtual-services', world())
    assert.deepEqual(results, ['pass no conflict: VirtualService catalog'])
  })

  it('of the selector say which Services the versions are', () => {
    const own = (name: string, version: string): string =>
      `{apiVersion: v1, kind: Service, metadata: {name: ${name}, namespace: shop}, spec: {selector: {app: catalog, version: ${version}}, ports: [{name: http, port: 80, targetPort: 8080}]}}`
    const route = `{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: catalog, namespace: shop}, spec: {hosts: [catalog], http: [{route: [{destination: {host: catalog-v1}, weight: 90}, {destination: {host: catalog-v2}, weight: 10}]}]}}`
    const objects = world({ rule: '', route }, own('catalog-v1', 'v1'), own('catalog-v2', 'v2'))
    const { state, results } = saidOf('service-selector', objects)
    assert.equal(state, 'pass')
    assert.match(results[0]!, /each version has a Service of its own: .*catalog-v1.*catalog-v2/)
  })
})

describe('a list of names', () => {
  it('has all of four, and of more the first three and how many more', () => {
    assert.equal(listed(['a']), 'a')
    assert.equal(listed(['a', 'b', 'c', 'd']), 'a, b, c and d')
    assert.equal(listed(['a', 'b', 'c', 'd', 'e']), 'a, b, c and 2 more')
  })
})

describe('several states', () => {
  it('are the worst of them, and none are a pass', () => {
    assert.equal(worstOf(['pass', 'unknown', 'warn']), 'warn')
    assert.equal(worstOf(['pass', 'unknown']), 'unknown')
    assert.equal(worstOf([]), 'pass')
  })
})
