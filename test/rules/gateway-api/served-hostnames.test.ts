/** The hostnames of a route that its listeners have, as `status` shows them and `lint` judges them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManifestsFolder } from '../../plugin/manifests-folder.ts'

const service =
  '{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {selector: {app: web}, ports: [{name: http, port: 80}]}}'
const gateway = (...hostnames: readonly string[]): string =>
  `{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: edge, namespace: shop}, spec: {gatewayClassName: istio, listeners: [${hostnames.map((hostname, i) => `{name: l${i}, port: 80, protocol: HTTP, hostname: '${hostname}'}`).join()}]}}`
const route = (hostnames: readonly string[], parents = '{name: edge}'): string =>
  `{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: web, namespace: shop}, spec: {parentRefs: [${parents}], hostnames: [${hostnames.map(name => `'${name}'`).join()}], rules: [{backendRefs: [{name: web, port: 80}]}]}}`

/** The hosts that `status` shows, and the places of what `lint` finds. */
async function seen(...texts: readonly string[]): Promise<readonly [readonly string[], readonly string[]]> {
  using folder = new ManifestsFolder()
  folder.write('all.yaml', [service, ...texts].join('\n---\n'))
  const status = JSON.parse((await folder.run('status web -n shop -o json')).stdout) as {
    readonly services: readonly { readonly entryPoints: readonly { readonly hosts: readonly string[] }[] }[]
  }
  const { findings } = JSON.parse((await folder.run('lint -o json')).stdout) as {
    readonly findings: readonly { readonly rule: string; readonly path: string }[]
  }
  return [
    status.services.flatMap(({ entryPoints }) => entryPoints.flatMap(({ hosts }) => hosts)),
    findings.filter(({ rule }) => rule === 'unattached-route').map(({ path }) => path),
  ]
}

test('a hostname that no listener has is not shown as served, and is a finding', async () => {
  assert.deepEqual(await seen(gateway('*.shop.com'), route(['a.b.shop.com', 'other.org', 'shop.com'])), [
    ['a.b.shop.com'],
    ['spec.hostnames[1]', 'spec.hostnames[2]'],
  ])
})

test('the narrower of two hostnames is served', async () => {
  assert.deepEqual(await seen(gateway('web.shop.com', '*.eu.shop.com'), route(['*.shop.com'])), [
    ['web.shop.com', '*.eu.shop.com'],
    [],
  ])
  assert.deepEqual(await seen(gateway('*.shop.com'), route([])), [['*.shop.com'], []])
})

test('a route without hostnames is for every host of a listener without one', async () => {
  assert.deepEqual(await seen(gateway('*.shop.com').replace(", hostname: '*.shop.com'", ''), route([])), [
    ['*'],
    [],
  ])
})

test('a listener that the route does not name serves none of its hostnames', async () => {
  assert.deepEqual(
    await seen(
      gateway('web.shop.com', 'api.shop.com'),
      route(['web.shop.com', 'api.shop.com'], '{name: edge, sectionName: l1}'),
    ),
    [['api.shop.com'], ['spec.hostnames[0]']],
  )
})

test('hostnames are as written where the Gateway is elsewhere, or has none of them', async () => {
  assert.deepEqual(await seen(route(['web.shop.com'])), [['web.shop.com'], []])
  assert.deepEqual(await seen(gateway('*.shop.com'), route(['other.org'])), [
    ['other.org'],
    ['spec.parentRefs[0]'],
  ])
})
