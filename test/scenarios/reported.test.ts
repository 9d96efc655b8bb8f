/** Situations that people reported of Istio and the tools around it, and what the commands say of their files. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ManifestsFolder } from '../plugin/manifests-folder.ts'
import { words, type Ended } from '../plugin/run-command.ts'

const service = (
  name: string,
  spec = `{selector: {app: ${name}}, ports: [{name: http, port: 80}]}`,
): string => `{apiVersion: v1, kind: Service, metadata: {name: ${name}, namespace: shop}, spec: ${spec}}`
const version = (name: string, of: string): string =>
  `{apiVersion: apps/v1, kind: Deployment, metadata: {name: ${name}-${of}, namespace: shop}, spec: {template: `
  + `{metadata: {labels: {app: ${name}, version: ${of}}}, spec: {containers: [{name: c, image: i}]}}}}`
const subsets =
  '{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: catalog, namespace: shop}, spec: {host: catalog, subsets: '
  + '[{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}}'
const catalog = [service('catalog'), version('catalog', 'v1'), version('catalog', 'v2'), subsets]
const routing = (http: string): string =>
  `{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: catalog, namespace: shop}, spec: {hosts: [catalog], http: ${http}}}`

/** Runs a command on files with these documents. */
async function said(line: string, documents: readonly string[]): Promise<Ended> {
  using folder = new ManifestsFolder()
  folder.write('all.yaml', documents.join('\n---\n'))
  return await folder.runWords(words(line))
}

describe('a destination whose host Istio does not complete (istio/istio#41214)', () => {
  for (const destination of [
    '{host: catalog.shop}',
    '{host: catalog.shop, subset: v1}',
    '{host: Catalog, subset: v1}',
    '{host: catalog.shop.svc.cluster.local., subset: v1}',
  ]) {
    it(`leads nowhere by lint, status, try and doctor alike: ${destination}`, async () => {
      const files = [...catalog, routing(`[{route: [{destination: ${destination}}]}]`)]
      const linted = await said('lint', files)
      assert.equal(linted.code, 3)
      assert.match(linted.stdout, /error: VirtualService shop\/catalog .* \(unexpanded-host\)/)
      assert.match((await said('status -n shop', files)).stdout, /\(503, unexpanded-host\)/)
      assert.match((await said('try http://catalog/ -n shop', files)).stdout, /503/)
      const { code, stdout } = await said('doctor catalog -n shop', files)
      assert.equal(code, 3)
      assert.match(stdout, /^fail +routes +VirtualService catalog .*Istio does not complete/m)
    })
  }

  it('is named where its weight is 0, too', async () => {
    const files = [
      ...catalog,
      routing(
        '[{route: [{destination: {host: catalog, subset: v1}, weight: 100}, {destination: {host: catalog.shop, subset: v2}, weight: 0}]}]',
      ),
    ]
    const { code, stdout } = await said('lint', files)
    assert.equal(code, 0)
    assert.match(stdout, /warning: .*route\[1\]\.destination\.host.*\(unexpanded-host\)/)
  })
})

describe('a destination that is a Service of type ExternalName', () => {
  it('is named as an alias of what no file provides', async () => {
    const alias = service(
      'legacy',
      '{type: ExternalName, externalName: legacy.example.com, ports: [{name: http, port: 80}]}',
    )
    const { stdout } = await said('lint', [
      ...catalog,
      alias,
      routing('[{route: [{destination: {host: legacy}}]}]'),
    ])
    assert.match(
      stdout,
      /legacy\.shop\.svc\.cluster\.local is an alias of legacy\.example\.com, which no Service or ServiceEntry that was read/,
    )
    assert.match(stdout, /Fix: Create a ServiceEntry for legacy\.example\.com/)
  })
})

describe('a destination whose host has a wrong letter', () => {
  it('is offered the right host, also where it names a subset', async () => {
    for (const subset of ['', ', subset: v1']) {
      const { stdout } = await said('lint', [
        ...catalog,
        routing(`[{route: [{destination: {host: catlog${subset}}}]}]`),
      ])
      assert.match(stdout, /did you mean catalog\?/)
      assert.match(stdout, /Fix: Set spec\.http\[0\]\.route\[0\]\.destination\.host: catalog$/m)
    }
  })
})

describe('a destination that is a Service that nobody has (ionfwsrijan/Truxify#7687)', () => {
  it('is named by doctor, though the other destination of the route is right', async () => {
    const files = [
      ...catalog,
      routing(
        '[{route: [{destination: {host: catalog}, weight: 90}, {destination: {host: catalog-api}, weight: 10}]}]',
      ),
    ]
    const { stdout } = await said('doctor catalog -n shop', files)
    assert.match(stdout, /^warn +routes +VirtualService catalog .*catalog-api\.shop\.svc\.cluster\.local/m)
  })
})

describe('a route of the Gateway API whose parent is a Service without its group', () => {
  const route = (parent: string): string =>
    `{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: catalog, namespace: shop}, spec: {parentRefs: [${parent}], `
    + 'rules: [{backendRefs: [{name: catalog, port: 80}]}]}}'

  it('is said to be installed nowhere, by lint, status and doctor', async () => {
    const files = [...catalog, route('{kind: Service, name: catalog}')]
    const { stdout } = await said('lint', files)
    assert.match(stdout, /parentRefs\[0\]\.group: .*\(unknown-parent\)/)
    assert.match(stdout, /Fix: Set spec\.parentRefs\[0\]\.group: ""/)
    const status = (await said('status -n shop', files)).stdout
    assert.match(
      status,
      /takes no requests: Service\.gateway\.networking\.k8s\.io shop\/catalog is no kind that takes routes/,
    )
    assert.match(status, /unknown-parent\)$/m)
    assert.doesNotMatch(status, /delegate/)
    assert.match((await said('doctor catalog -n shop', files)).stdout, /^warn +routes .*group/m)
  })

  it('is right with the group, and unknown to us with a kind that is not ours', async () => {
    for (const parent of [
      '{group: "", kind: Service, name: catalog}',
      '{group: gateway.networking.k8s.io, kind: ListenerSet, name: catalog}',
      '{group: example.com, kind: Service, name: catalog}',
    ])
      assert.doesNotMatch((await said('lint', [...catalog, route(parent)])).stdout, /unknown-parent/)
  })
})

describe('a mirror that leads nowhere', () => {
  const mirrored = async (mirror: string, more: readonly string[] = []): Promise<string> => {
    const route = `{route: [{destination: {host: catalog, subset: v1}}], ${mirror}}`
    return (await said('status -n shop', [...catalog, ...more, routing(`[${route}]`)])).stdout
  }

  it('is said to lose its copies, by the rule that lint names', async () => {
    assert.match(
      await mirrored('mirror: {host: catalog, subset: v9}'),
      /mirror +→ v9 +100\.0 %.*copies are lost \(undefined-subset\)/,
    )
    assert.match(
      await mirrored('mirrors: [{destination: {host: catalog, subset: v9}, percentage: {value: 5}}]'),
      /mirror +→ v9 +5\.0 %.*copies are lost \(undefined-subset\)/,
    )
    const hiding =
      '{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: catalog, namespace: web}, spec: {host: catalog.shop.svc.cluster.local}}'
    assert.match(
      await mirrored('mirror: {host: catalog, subset: v2}', [hiding]),
      /copies from callers in web are lost \(subset-hidden-from-clients\)/,
    )
  })

  it('loses nothing where its version is there, or where it copies nothing', async () => {
    for (const mirror of [
      'mirror: {host: catalog, subset: v2}',
      'mirror: {host: catalog, subset: v9}, mirrorPercentage: {value: 0}',
    ])
      assert.doesNotMatch(await mirrored(mirror), /lost/)
  })

  it('has no weight in what lint says of it', async () => {
    const route =
      '{route: [{destination: {host: catalog, subset: v1}}], mirror: {host: catalog, subset: v9}, mirrorPercentage: {value: 0}}'
    const { stdout } = await said('lint', [...catalog, routing(`[${route}]`)])
    assert.match(stdout, /v9 is not defined; no request is copied to it while its percentage is 0/)
  })

  it('is named for an HTTPRoute, too', async () => {
    const route =
      '{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: catalog, namespace: shop}, spec: '
      + '{parentRefs: [{group: "", kind: Service, name: catalog}], rules: [{backendRefs: [{name: catalog, port: 80}], '
      + 'filters: [{type: RequestMirror, requestMirror: {backendRef: {name: catalog, port: 81}}}]}]}}'
    assert.match(
      (await said('status -n shop', [...catalog, route])).stdout,
      /copies are lost \(unknown-port\)/,
    )
  })
})

describe('versions of one split that select the same pods', () => {
  const alike = ['v1', 'v2'].map(of =>
    service(`catalog-${of}`, '{selector: {app: catalog}, ports: [{name: http, port: 80}]}'),
  )
  const byServices = (first: number, second: number): string =>
    routing(
      `[{route: [{destination: {host: catalog-v1}, weight: ${first}}, {destination: {host: catalog-v2}, weight: ${second}}]}]`,
    )
  const told = async (documents: readonly string[]): Promise<string> =>
    (await said('doctor catalog -n shop', documents)).stdout

  it('are named by doctor where they are Services with one selector', async () => {
    assert.match(
      await told([...catalog, ...alike, byServices(90, 10)]),
      /^warn +service-selector +the Services of catalog-v1 and catalog-v2 select the same pods/m,
    )
    const apart = alike.map((text, i) => text.replace('{app: catalog}', `{app: catalog, version: v${i + 1}}`))
    assert.doesNotMatch(await told([...catalog, ...apart, byServices(90, 10)]), /select the same pods/)
  })

  it('are named where they are subsets with the same labels', async () => {
    const split = routing(
      '[{route: [{destination: {host: catalog, subset: v1}, weight: 90}, {destination: {host: catalog, subset: v2}, weight: 10}]}]',
    )
    const labelled = subsets.replaceAll(/version: v[12]/g, 'app: catalog')
    assert.match(
      await told([...catalog.slice(0, 3), labelled, split]),
      /^warn +subsets +the subsets of v1 and v2 select the same pods/m,
    )
    assert.doesNotMatch(await told([...catalog, split]), /select the same pods/)
  })

  it('are not where one of them gets nothing, or a controller tells them apart', async () => {
    assert.doesNotMatch(await told([...catalog, ...alike, byServices(100, 0)]), /select the same pods/)
    const rollout =
      '{apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: {name: catalog, namespace: shop}, spec: {selector: {matchLabels: {app: catalog}}, '
      + 'template: {metadata: {labels: {app: catalog}}, spec: {containers: [{name: c, image: i}]}}, strategy: {canary: {stableService: catalog-v1, '
      + 'canaryService: catalog-v2, trafficRouting: {istio: {virtualServices: [{name: catalog}]}}}}}}'
    const files = [service('catalog'), rollout, ...alike, byServices(90, 10)]
    assert.doesNotMatch((await said('doctor -n shop', files)).stdout, /select the same pods/)
  })
})
