/** Random small worlds: one gateway or one sidecar, and VirtualServices whose conditions meet what requests.ts sends. */
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { fc } from '../properties.ts'
import type { Client } from './istio/client.ts'

/** Objects, and the proxy whose routes are asked for. */
export interface World {
  readonly objects: readonly KubeObject[]
  readonly client: Client
}

const some = <Value>(arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 5 })
const rarely = <Value>(arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })
const oneOf = fc.constantFrom

const uri = oneOf<object>(
  ...['/', '/a', '/a/', '/a/b', '/A/b', '/a%2Fb', '/a%5Cb', '/b', '//a', '/a;x', '/%61'].map(exact => ({
    exact,
  })),
  ...['/', '/a', '/a/', '/A', '/a%2fb', '/a/b', '//', '/b', '/.', '/a%'].map(prefix => ({ prefix })),
  ...['.*', '/a.*', '/a', '/a/[^/]+', '/(a|b)', '(?i)/A/.*', '/.+', '/a/?', '/a\\?q=1', '[^a]*'].map(
    regex => ({ regex }),
  ),
)
const value = oneOf<object>(
  {},
  ...['', '1', '2', '1,2', 'abc', 'a b', '%31'].map(exact => ({ exact })),
  ...['1', 'a', 'A'].map(prefix => ({ prefix })),
  ...['*', '.*', '.+', '1', '[0-9]+', '(1|abc).*', 'a', '(?i)ABC', '.*b', '1.*2', '^1$', '^$'].map(regex => ({
    regex,
  })),
)
const method = oneOf<object>(
  { exact: 'GET' },
  { exact: 'POST' },
  { prefix: 'P' },
  { regex: 'GET|PUT' },
  { regex: '.*' },
  { exact: 'get' },
)
const scheme = oneOf<object>(
  { exact: 'http' },
  { exact: 'https' },
  { prefix: 'http' },
  { regex: 'https?' },
  { exact: 'HTTP' },
)
const headerNames = ['x-a', 'x-b', 'cookie', 'user-agent'] as const
const authority = (hosts: readonly string[]) =>
  oneOf<object>(
    ...hosts.flatMap(host => [{ exact: host }, { exact: `${host}:80` }, { prefix: host.slice(0, 3) }]),
    { regex: '.*:80' },
    { regex: '[^:]+' },
  )
const named = (names: readonly string[]) =>
  fc.dictionary(oneOf(...names), value, { minKeys: 1, maxKeys: 2, noNullPrototype: true })

const matchBlock = (hosts: readonly string[], gateways: readonly string[]) =>
  fc
    .record({
      name: rarely(oneOf('m', 'n')),
      uri: some(uri),
      ignoreUriCase: rarely(fc.boolean()),
      method: rarely(method),
      scheme: rarely(scheme),
      authority: rarely(authority(hosts)),
      headers: rarely(named(headerNames)),
      withoutHeaders: rarely(named(headerNames)),
      queryParams: rarely(named(['q', 'r', 'Q', 'q%20'])),
      port: rarely(oneOf(80, 8080)),
      gateways: rarely(fc.subarray([...gateways], { minLength: 1, maxLength: 2 })),
      sourceNamespace: rarely(oneOf('shop', 'other')),
      sourceLabels: rarely(oneOf<object>({ app: 'web' }, { app: 'other' }, { app: 'web', tier: 'x' })),
    })
    .map(withoutUndefined)

const destination = fc
  .record({ host: oneOf('catalog', 'orders.shop.svc.cluster.local'), subset: rarely(oneOf('v1', 'v2')) })
  .map(withoutUndefined)
const forward = fc
  .record({
    route: fc.oneof(
      destination.map(one => [{ destination: one }]),
      fc
        .array(fc.record({ destination, weight: oneOf(0, 1, 20, 50) }), { minLength: 2, maxLength: 3 })
        .filter(list => list.some(({ weight }) => weight > 0)),
    ),
    rewrite: rarely(
      oneOf<object>(
        { uri: '/' },
        { uri: '/x' },
        { uri: '/x/' },
        { authority: 'inner.example.com' },
        { uriRegexRewrite: { match: '/([^/]+)', rewrite: '/r/\\1' } },
      ),
    ),
  })
  .map(withoutUndefined)
const redirect = oneOf<object>(
  { uri: '/moved' },
  { authority: 'new.example.com' },
  { scheme: 'https', redirectCode: 302 },
  { uri: '/moved?x=1', authority: 'new.example.com', redirectCode: 307 },
  { port: 8443, scheme: 'https' },
  { derivePort: 'FROM_REQUEST_PORT', redirectCode: 308 },
  { derivePort: 'FROM_PROTOCOL_DEFAULT', uri: '/', redirectCode: 303 },
).map(redirect => ({ redirect }))
const directResponse = oneOf<object>(
  { status: 403 },
  { status: 200, body: { string: 'here' } },
  { status: 404 },
).map(directResponse => ({ directResponse }))
const action: fc.Arbitrary<object> = fc.oneof(
  { weight: 6, arbitrary: forward },
  { weight: 1, arbitrary: redirect },
  { weight: 1, arbitrary: directResponse },
)

interface Choices {
  readonly hosts: readonly string[]
  readonly requested: readonly string[]
  /** Those that match blocks name, and those that a VirtualService is bound to; none is the mesh. */
  readonly gateways: readonly string[]
  readonly bindings: readonly (readonly string[] | undefined)[]
}

const http = ({ requested, gateways }: Choices) =>
  fc
    .record({ match: some(fc.array(matchBlock(requested, gateways), { maxLength: 3, size: 'max' })), action })
    .map(({ match, action }) => ({ ...(match && { match }), ...action }))

const virtualServices = (choices: Choices): fc.Arbitrary<readonly KubeObject[]> =>
  fc
    .uniqueArray(
      fc.record({
        name: oneOf('a', 'b', 'c'),
        namespace: oneOf('shop', 'other'),
        age: oneOf(1, 2, 3),
        hosts: fc.subarray([...choices.hosts], { minLength: 1, maxLength: 2 }),
        gateways: oneOf(...choices.bindings),
        exportTo: rarely(fc.subarray(['*', '.', 'shop', 'other'], { minLength: 1, maxLength: 2 })),
        http: fc.array(http(choices), { minLength: 1, maxLength: 6, size: 'max' }),
        rest: fc.option(forward, { nil: undefined, freq: 2 }),
      }),
      { minLength: 1, maxLength: 3, size: 'max', selector: ({ name, namespace }) => `${namespace}/${name}` },
    )
    .map(list =>
      list.map(({ name, namespace, age, http, rest, ...spec }) => ({
        ...object('VirtualService', { name, namespace, age }),
        spec: {
          ...withoutUndefined(spec),
          http: [...http, ...(rest ? [rest] : [])].map((route, index) => ({ name: `r${index}`, ...route })),
        },
      })),
    )

const publicHosts = ['a.example.com', '*.example.com', '*', 'b.example.com', 'A.example.com']
const offered = fc.subarray(
  ['*', 'a.example.com', '*.example.com', 'shop/a.example.com', './*', 'other/*', '*/*', '*/a.example.com'],
  { minLength: 1, maxLength: 3 },
)
const plainServer = fc
  .record({ hosts: offered, tls: rarely(fc.constant({ httpsRedirect: true })) })
  .map(server => ({
    ...withoutUndefined(server),
    port: { number: 80, name: 'web', protocol: 'HTTP' },
  }))
// One alone: which of several takes a connection is decided by the server name of TLS.
const encryptedServer = offered.map(hosts => ({
  hosts,
  port: { number: 443, name: 'web', protocol: 'HTTPS' },
  tls: { mode: 'SIMPLE', credentialName: 'web' },
}))
const gateway = (name: string, namespace: string, servers: fc.Arbitrary<readonly object[]>) =>
  fc.record({ age: oneOf(1, 2), servers }).map(({ age, servers }) => ({
    ...object('Gateway', { name, namespace, age }),
    spec: { selector: { istio: 'ingress' }, servers },
  }))
const plainServers = fc.array(plainServer, { minLength: 1, maxLength: 2 })

const gatewayWorld: fc.Arbitrary<World> = fc
  .record({
    gateways: fc.oneof(
      fc.tuple(gateway('gw', 'shop', plainServers)),
      fc.tuple(gateway('gw', 'shop', plainServers), gateway('gw2', 'other', plainServers)),
      fc.tuple(gateway('gw', 'shop', fc.tuple(encryptedServer))),
    ),
    owners: virtualServices({
      hosts: publicHosts,
      requested: publicHosts.slice(0, 1),
      gateways: ['shop/gw', 'mesh', 'gw', './gw', 'other/gw2'],
      bindings: [
        ['shop/gw'],
        ['shop/gw', 'mesh'],
        ['gw', 'shop/gw'],
        ['./gw', 'other/gw2'],
        ['other/gw2'],
        ['mesh'],
      ],
    }),
  })
  .map(({ gateways, owners }) => {
    const isTls = JSON.stringify(gateways).includes('SIMPLE')
    const labels = { istio: 'ingress', app: 'web' }
    return {
      objects: [...gateways, ...services, ...owners],
      client: { isGateway: true, namespace: 'shop', labels, port: isTls ? 443 : 80, isTls },
    }
  })

const meshWorld: fc.Arbitrary<World> = fc
  .record({
    owners: virtualServices({
      hosts: [
        'catalog',
        'catalog.shop.svc.cluster.local',
        '*.shop.svc.cluster.local',
        'ext.example.com',
        '*',
      ],
      requested: ['catalog.shop.svc.cluster.local'],
      gateways: ['mesh', 'shop/gw'],
      bindings: [undefined, ['mesh'], ['mesh', 'shop/gw'], ['shop/gw']],
    }),
    namespace: oneOf('shop', 'other'),
    port: oneOf(80, 8080),
  })
  .map(({ owners, namespace, port }) => ({
    objects: [...services, ...owners],
    client: { isGateway: false, namespace, labels: { app: 'web' }, port, isTls: false },
  }))

/** Any world. */
export const world: fc.Arbitrary<World> = fc.oneof(gatewayWorld, meshWorld)

const services: readonly KubeObject[] = ['catalog', 'orders'].map((name, index) => ({
  ...object('Service', { name, namespace: 'shop', age: 1 }),
  spec: {
    clusterIP: `10.0.0.${index + 1}`,
    selector: { app: name },
    ports: [
      { name: 'http', port: 80 },
      { name: 'http-alt', port: 8080 },
    ],
  },
}))

interface Name {
  readonly name: string
  readonly namespace: string
  /** Of few ages, so that names decide, too. */
  readonly age: number
}

function object(kind: string, { name, namespace, age }: Name): KubeObject {
  return {
    apiVersion: kind === 'Service' ? 'v1' : 'networking.istio.io/v1',
    kind,
    metadata: { name, namespace, creationTimestamp: `2026-01-0${age}T00:00:00Z` },
  }
}

function withoutUndefined<Fields extends object>(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Fields
}
