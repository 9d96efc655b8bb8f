import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CanaryError } from '../../shared/objects/canary-error.ts'
import { istio } from '../../shared/providers/istio/provider.ts'
import { formatUrl, portOf, type AskedRequest } from '../../shared/trial/asked-request.ts'
import { namespacesOf } from '../../shared/trial/caller.ts'
import { formatTrialShares, nameOfShare } from '../../shared/trial/expectation.ts'
import { simulate } from '../../shared/trial/simulate.ts'
import { tryRequest, type Trial } from '../../shared/trial/trial.ts'
import { snapshot } from '../../shared/view/snapshot.ts'
import { objectsOf } from '../providers/istio/resolve/corpus.ts'
import { re2 } from '../routing/requests.ts'

const workload = (kind: string, name: string, labels: string): string => `
apiVersion: apps/v1
kind: ${kind}
metadata: {name: ${name}, namespace: shop}
spec: {selector: {matchLabels: {app: x}}, template: {metadata: {labels: {${labels}}}}}
---`

const base = `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Service
metadata: {name: catalog, namespace: shop}
spec: {selector: {app: catalog}, ports: [{name: http, port: 80}, {name: http-admin, port: 9000}]}
---${workload('Deployment', 'catalog', 'app: catalog, version: v1')}${workload('Deployment', 'catalog-v2', 'app: catalog, version: v2')}
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: catalog, namespace: shop}
spec: {host: catalog, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}
---`

/** A VirtualService whose first route, for a header, leads to v2, and whose second one leads to v1. */
const routed = (match = 'headers: {x-beta: {exact: "yes"}}', fault = ''): string => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: catalog, namespace: shop}
spec:
  hosts: [catalog]
  http:
  - match: [{${match}}]
    route: [{destination: {host: catalog, subset: v2}}]
  - ${fault}route: [{destination: {host: catalog, subset: v1}}]
---`

const asked = (more: Partial<AskedRequest> = {}): AskedRequest => ({
  scheme: 'http',
  host: 'catalog',
  port: undefined,
  path: '/',
  method: 'GET',
  headers: {},
  ...more,
})

const tried = (text: string, more: Partial<AskedRequest> = {}): readonly Trial[] =>
  tryRequest(
    { view: snapshot(objectsOf(text)), provider: istio, namespace: 'shop', regex: re2, complete: true },
    asked(more),
  )

const sharesIn = (trials: readonly Trial[]): readonly string[] =>
  trials.map(({ shares }) => formatTrialShares(shares))

describe('a request as it is asked', () => {
  it('is written as it was typed, with its query', () => {
    assert.equal(
      formatUrl(asked({ port: 8080, path: '/items', query: 'beta=1' })),
      'http://catalog:8080/items?beta=1',
    )
    assert.equal(formatUrl(asked({ scheme: 'https' })), 'https://catalog/')
  })

  it('goes to the port of its scheme where none is said', () => {
    assert.deepEqual(
      [asked(), asked({ scheme: 'https' }), asked({ scheme: 'https', port: 80 })].map(portOf),
      [80, 443, 80],
    )
  })

  it('names the namespaces of its caller and its gateway', () => {
    assert.deepEqual(namespacesOf(asked({ from: { name: 'webapp', namespace: 'web' } })), ['web'])
    assert.deepEqual(namespacesOf(asked({ via: 'ingress/public' })), ['ingress'])
    assert.deepEqual(namespacesOf(asked({ via: 'public', from: { name: 'webapp' } })), [])
  })
})

describe('a trial', () => {
  it('takes a route by the query and by the headers of the request', () => {
    const byQuery = base + routed('queryParams: {beta: {exact: "1"}}')
    assert.deepEqual(sharesIn(tried(byQuery, { query: 'beta=1' })), ['v2'])
    assert.deepEqual(sharesIn(tried(byQuery, { query: 'beta=2' })), ['v1'])
    assert.deepEqual(sharesIn(tried(base + routed(), { headers: { 'x-beta': 'yes' } })), ['v2'])
  })

  it('has the status of an injected fault for its part, and the version for the rest', () => {
    const fault = (what: string): string => `fault: {abort: {${what}, percentage: {value: 30}}}\n    `
    const [trial] = tried(base + routed(undefined, fault('httpStatus: 418')))
    assert.deepEqual(
      trial!.shares.map(({ status, percent, isInjected, version }) => ({
        status,
        percent,
        isInjected,
        version,
      })),
      [
        { status: 418, percent: 30, isInjected: true, version: undefined },
        { status: undefined, percent: 70, isInjected: undefined, version: 'v1' },
      ],
    )
    assert.deepEqual(sharesIn([trial!]), ['418 injected 30 %, v1 70 %'])
  })

  it('says which ports a Service has where it has not the one that is asked', () => {
    assert.deepEqual(
      tried(base, { port: 1234 }).map(({ ports, shares }) => ({ ports, shares })),
      [{ ports: [80, 9000], shares: [] }],
    )
    assert.equal(tried(base, { port: 9000 })[0]!.ports, undefined)
  })
})

const callers =
  workload('Deployment', 'webapp', 'app: web')
  + workload('StatefulSet', 'webapp', 'app: stored')
  + workload('Deployment', 'bare', 'app: bare, sidecar.istio.io/inject: "false"')
const byLabel = base + routed('sourceLabels: {app: stored}') + callers

describe('the caller of a trial', () => {
  it('has the labels of the pods that its workload makes, by its kind where it is said', () => {
    assert.deepEqual(sharesIn(tried(byLabel, { from: { kind: 'statefulset', name: 'webapp' } })), ['v2'])
    assert.deepEqual(sharesIn(tried(byLabel, { from: { kind: 'deployment', name: 'webapp' } })), ['v1'])
    assert.deepEqual(sharesIn(tried(byLabel, { from: { name: 'webapp' } })), ['v1'])
    assert.deepEqual(sharesIn(tried(byLabel, { from: { labels: { app: 'stored' } } })), ['v2'])
  })

  it('goes past the routes without a sidecar, to any pod of the Service', () => {
    const world = base + routed('uri: {prefix: /}') + callers
    const [trial] = tried(world, { from: { name: 'bare' } })
    assert.equal(trial!.bypass, 'no-sidecar')
    assert.deepEqual(
      trial!.shares.map(({ version, percent, subset }) => ({ version, percent, subset })),
      [{ version: 'any of v1, v2', percent: 100, subset: undefined }],
    )
    const [followed] = tried(world, { from: { kind: 'deployment', name: 'webapp' } })
    assert.equal(followed!.bypass, undefined)
  })

  it('that is not there is an error with at most ten that are', () => {
    const many = Array.from({ length: 12 }, (_, i) => workload('Deployment', `app-${i + 10}`, 'app: x')).join(
      '',
    )
    assert.throws(
      () => tried(base.replaceAll('Deployment', 'ReplicaSet') + many, { from: { name: 'nobody' } }),
      (error: unknown) => {
        assert.ok(error instanceof CanaryError)
        assert.equal(error.code, 'not-found')
        const named = /Workloads there: (.*), …\./.exec(error.hints.join('\n'))?.[1]?.split(', ')
        assert.deepEqual(
          named,
          Array.from({ length: 10 }, (_, i) => `deployment/app-${i + 10}`),
        )
        return true
      },
    )
  })
})

describe('the callers of a request from outside', () => {
  it('are each gateway that listens on the port, else each that answers for the host', () => {
    const gateway = (name: string, ports: readonly number[]): string => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: ${name}, namespace: shop}
spec:
  selector: {app: ${name}}
  servers:
${ports.map(port => `  - {port: {number: ${port}, name: http-${port}, protocol: HTTP}, hosts: [shop.example.com]}`).join('\n')}
---`
    const entered =
      base
      + gateway('public', [80, 8080])
      + gateway('admin', [9090])
      + routed().replace('hosts: [catalog]', 'hosts: [shop.example.com]\n  gateways: [public, admin]')
    const via = (port: number) =>
      tried(entered, { host: 'shop.example.com', port }).map(({ caller }) => caller.gateway)
    assert.deepEqual(via(80), ['shop/public'])
    assert.deepEqual(via(9090), ['shop/admin'])
    assert.deepEqual(via(1), ['shop/admin', 'shop/public'])
  })
})

describe('the shares of a trial in words', () => {
  it('are a name where all requests go one way, else names with their percentages', () => {
    const v1 = { service: 'catalog', namespace: 'shop', version: 'v1' }
    assert.equal(formatTrialShares([{ ...v1, percent: 100 }]), 'v1')
    assert.equal(
      formatTrialShares([
        { percent: 100, status: 503, isInjected: true },
        { ...v1, percent: 0 },
      ]),
      '503 injected 100 %, v1 0 %',
    )
    assert.equal(nameOfShare({ percent: 100, status: 404 }), '404')
    assert.equal(nameOfShare({ ...v1, percent: 100, status: 503 }), '503 for v1')
  })

  it('of one name are one row of a simulation, with their percentages added up', () => {
    const v1 = { service: 'catalog', namespace: 'shop', version: 'v1', percent: 30 }
    const rows = simulate([v1, { ...v1, percent: 70 }], { count: 10, seed: 1 })
    assert.deepEqual(rows, [{ name: 'v1', count: 10, percent: 100 }])
  })
})
