import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { findService, servicesIn, type ServiceTraits } from '../../../shared/plan/find/find-service.ts'
import { providers as allProviders } from '../../../shared/providers/providers.ts'
import type { Provider } from '../../../shared/routing/provider.ts'
import type { RoutedService } from '../../../shared/routing/service.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { catalogService, deployment, objects, route, rule, shop, to } from '../written-worlds.ts'

const catalog = route('shop/catalog', `{hosts: [catalog], http: [${to('v1')}]}`)

const found = (
  view: ClusterView,
  { service, ...traits }: Partial<ServiceTraits> & { readonly service?: string } = {},
): RoutedService =>
  findService(
    { view, providers: allProviders },
    { namespace: 'shop', command: 'status', live: true, ...(service !== undefined && { service }) },
    { routed: false, ...traits },
  ).service

/** The message of the error that is thrown, and its hints. */
function refusal(run: () => unknown): readonly string[] {
  try {
    run()
  } catch (error) {
    assert.ok(error instanceof CanaryError, String(error))
    return [error.message, ...error.hints]
  }
  throw new Error('no error')
}

/** A Service with the pods of these versions, which nothing routes. */
const unrouted = (name: string, ...versions: readonly string[]): readonly string[] => [
  catalogService.replaceAll('catalog', name),
  ...versions.map(version => deployment(version).replaceAll('catalog', name)),
]

describe('a Service by its name', () => {
  const view = snapshot(objects(...shop, catalog))
  it('is found by each of its spellings, with a dot at the end, too', () => {
    for (const service of [
      'catalog',
      'svc/catalog',
      'service/catalog',
      'services/catalog',
      'catalog.shop',
      'catalog.shop.svc',
      'catalog.shop.svc.cluster.local',
      'catalog.shop.svc.cluster.local.',
    ]) {
      const { name, namespace } = found(view, { service })
      assert.deepEqual([name, namespace], ['catalog', 'shop'], service)
    }
  })

  it('is found in a namespace that has the name of a part of its host', () => {
    const named = snapshot(objects(catalogService.replaceAll('namespace: shop', 'namespace: svc')))
    for (const service of ['catalog.svc', 'catalog.svc.svc', 'catalog.svc.svc.cluster.local']) {
      const { name, namespace } = found(named, { service })
      assert.deepEqual([name, namespace], ['catalog', 'svc'], service)
    }
  })

  it('that is not there is an error with those that are, and the namespace that has it', () => {
    assert.deepEqual(
      refusal(() => found(view, { service: 'catalogue' })),
      ['no Service catalogue in namespace shop', 'Services: catalog. Did you mean catalog?'],
    )
    assert.deepEqual(
      refusal(() => found(view, { service: 'catalog.web' })),
      [
        'no Service catalog in namespace web',
        'Namespace shop has a Service of this name: add -n shop.',
        'Namespace web has no Services.',
      ],
    )
  })

  it('that is a host of nobody is an error with the spellings of a Service', () => {
    const [message, hint] = refusal(() => found(view, { service: 'api.example.com' }))
    assert.equal(message, 'no object provides or routes the host api.example.com')
    assert.match(hint!, /^A Service is NAME or NAME\.NAMESPACE\./)
  })
})

describe('a Service that is not named', () => {
  it('is the one with versions; where a route is asked for, the routed one before others', () => {
    const view = snapshot(objects(...shop, catalog, ...unrouted('orders', 'v1', 'v2')))
    assert.equal(found(view, { routed: true }).name, 'catalog')
    const [message] = refusal(() => found(view))
    assert.equal(message, '2 Services in namespace shop match: catalog, orders')
  })

  it('may have one version alone where no route is asked for', () => {
    const view = snapshot(objects(...unrouted('orders', 'v1')))
    assert.equal(found(view).name, 'orders')
    assert.equal(
      refusal(() => found(view, { routed: true }))[0],
      'no Service in namespace shop has more than one version',
    )
  })

  it('without the version that is asked for is an error with the versions that there are', () => {
    const view = snapshot(objects(...shop, catalog, ...unrouted('orders', 'v1', 'v3'), ...unrouted('empty')))
    const [message, known] = refusal(() => found(view, { version: 'v9' }))
    assert.equal(message, 'no Service in namespace shop has version v9 and a second version')
    assert.match(known!, /^catalog has v1, v2; orders has v1, v3\./)
  })

  it('is not known in a namespace without any, and the hint asks for the namespace', () => {
    const hints = refusal(() => found(snapshot([]), {}))
    assert.match(hints.at(-1)!, /Namespace shop has no Services\. Choose another one with -n\./)
    const some = refusal(() => found(snapshot(objects(...unrouted('empty')))))
    assert.match(some.at(-1)!, /name the Service\.$/)
  })

  it('is the lone one without versions, so that what it lacks is said', () => {
    const view = snapshot(objects(catalogService))
    assert.equal(found(view, { version: 'v2', routed: true }).name, 'catalog')
  })

  it('is the one with the cohort', () => {
    const view = snapshot(objects(...shop, catalog, rule('shop/other', '{host: other}')))
    assert.match(refusal(() => found(view, { cohort: 'internal', routed: true }))[0]!, /^no Service/)
  })
})

describe('the routing API of a service', () => {
  const [istio] = allProviders
  const view = snapshot(objects(...shop, catalog))
  const provider = (isRouted: boolean): Provider => ({ ...istio!, isRouted: () => isRouted })
  const chosen = (...routing: readonly boolean[]): number => {
    const providers = routing.map(provider)
    const [service] = servicesIn({ view, providers }, 'shop')
    return providers.indexOf(service!.provider)
  }

  it('is the first that routes it, else the first that knows it', () => {
    assert.equal(chosen(false, true), 1)
    assert.equal(chosen(true, true), 0)
    assert.equal(chosen(true, false), 0)
    assert.equal(chosen(false, false), 0)
    assert.equal(chosen(false, true, true), 1)
  })
})
