import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ManifestsFolder } from '../manifests-folder.ts'

/** Two Services, by their names and what each selects beside or in place of `app: web`. */
const services = (one: readonly [string, string], other: readonly [string, string]): string =>
  [one, other]
    .map(
      ([name, selector]) => `apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: shop }
spec: { selector: ${selector}, ports: [{ name: http, port: 8080 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: shop }
spec: { selector: { matchLabels: ${selector} }, template: { metadata: { labels: ${selector} } } }
---
`,
    )
    .join('')

const httpRoute = (one: string, other: string): string => `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: routes, namespace: shop }
spec:
  parentRefs: [{ name: public, namespace: infra }]
  hostnames: [www.example.com]
  rules:
    # the API
    - matches:
        - path: { type: PathPrefix, value: /api }
          method: POST
      filters:
        - type: RequestHeaderModifier
          requestHeaderModifier: { set: [{ name: x-from, value: edge }] }
      backendRefs:
        - name: ${one}
          port: 8080
      timeouts: { request: 3s }
    # all others
    - backendRefs:
        - name: ${one}
          port: 8080
        - name: ${other}
          port: 8080
          weight: 0
`
const virtualService = (one: string, other: string): string => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: routes, namespace: shop }
spec:
  hosts: [www.example.com]
  gateways: [infra/public]
  http:
    # the API
    - match: [{ uri: { prefix: /api } }]
      timeout: 3s
      route:
        - destination: { host: ${one} }
    # all others
    - route:
        - destination: { host: ${one} }
          weight: 100
        - destination: { host: ${other} }
          weight: 0
`
const apisixRoute = (one: string, other: string): string => `apiVersion: apisix.apache.org/v2
kind: ApisixRoute
metadata: { name: routes, namespace: shop }
spec:
  ingressClassName: apisix
  http:
    # the API
    - name: api
      match:
        hosts: [www.example.com]
        paths: [/api*]
        methods: [POST]
      plugins:
        - { name: limit-count, enable: true, config: { count: 2 } }
      backends:
        - serviceName: ${one}
          servicePort: 8080
      timeout: { read: 3s }
    # all others
    - name: others
      match:
        hosts: [www.example.com]
        paths: [/*]
      backends:
        - serviceName: ${one}
          servicePort: 8080
        - serviceName: ${other}
          servicePort: 8080
          weight: 0
`

const tracks = [
  ['web-stable', '{ app: web, track: stable }'],
  ['web-canary', '{ app: web, track: canary }'],
] as const
const unlike = [
  ['portal', '{ app: p1 }'],
  ['portal-next', '{ app: p2 }'],
] as const

/** Two Services behind a route, as files. */
interface Case {
  readonly title: string
  readonly one: string
  readonly other: string
  readonly text: string
}

const cases = (
  [
    ['an HTTPRoute', httpRoute],
    ['a VirtualService', virtualService],
    ['an ApisixRoute', apisixRoute],
  ] as const
).flatMap(([api, routeOf]) =>
  (
    [
      ['of two tracks', tracks],
      ['that only the route shows to be versions', unlike],
    ] as const
  ).map(([what, [one, other]]): Case => ({
    title: `Services ${what}, behind ${api},`,
    one: one[0],
    other: other[0],
    text: `${services(one, other)}${routeOf(one[0], other[0])}`,
  })),
)

function folderOf({ text }: Pick<Case, 'text'>): ManifestsFolder {
  const made = new ManifestsFolder()
  made.write('all.yaml', text)
  return made
}

async function does(made: ManifestsFolder, line: string): Promise<string> {
  const { code, stdout, stderr } = await made.run(`${line} -n shop`)
  assert.equal(code, 0, `${line}: ${stderr}`)
  return stdout
}

for (const { title, one, other, text } of cases)
  it(`${title} keep the name of their application after a promotion, and lead back`, async () => {
    using made = folderOf({ text })
    await does(made, `weight ${one} ${other}=20`)
    await does(made, `promote ${one} ${other}`)
    const status = await does(made, `status ${one}`)
    assert.match(status, new RegExp(`${other} +100\\.0 %`))
    assert.match(status, new RegExp(`${one} +0\\.0 %`))
    // Where their labels show the versions, the route need not.
    const isShownByRoute = made.texts()['all.yaml']!.includes('weight: 0')
    assert.equal(isShownByRoute, one === 'portal')
    await does(made, `abort ${one}`)
    await does(made, `promote ${one} ${one}`)
    assert.match(await does(made, `status ${one}`), new RegExp(`${one} +100\\.0 %`))
  })

for (const { title, one, other, text } of cases)
  it(`${title} keep every comment and style of their route through a cohort, a split and a promotion`, async () => {
    using made = folderOf({ text })
    const before = made.texts()['all.yaml']!.split('\n')
    await does(made, `cohort beta ${one} --to ${other} --header x-beta=1`)
    await does(made, `weight ${one} ${other}=20`)
    await does(made, `promote ${one} ${other}`)
    const after = new Set(made.texts()['all.yaml']!.split('\n'))
    const isOfBackends = (line: string): boolean =>
      /^\s+(- (name|destination|serviceName):.*|(port|servicePort): 8080|weight: \d+)$/.test(line)
    assert.deepEqual(
      before.filter(line => !after.has(line) && !isOfBackends(line)),
      [],
    )
  })

for (const { title, one, other, text } of cases)
  it(`${title} share the requests of a rule that singles out senders by each weight anew`, async () => {
    using made = folderOf({ text })
    const written = made.texts()['all.yaml']!
    made.write(
      'all.yaml',
      written
        .replace('method: POST', "headers: [{ name: x-team, value: 'a' }]")
        .replace('[{ uri: { prefix: /api } }]', '[{ headers: { x-team: { exact: a } } }]'),
    )
    for (const share of [20, 100, 40]) await does(made, `weight ${one} ${other}=${share}`)
    const status = await does(made, `status ${one}`)
    assert.equal(status.match(/ 40\.0 % +█/g)?.length, 2, status)
    assert.equal(status.match(/ 60\.0 % +█/g)?.length, 2, status)
  })

for (const { title, one, other, text } of cases)
  it(`${title} are as they were after a canary that is aborted`, async () => {
    using made = folderOf({ text })
    const before = made.texts()
    await does(made, `cohort beta ${one} --to ${other} --header x-beta=1`)
    await does(made, `weight ${one} ${other}=20`)
    await does(made, `abort ${one}`)
    assert.deepEqual(made.texts(), before)
  })

for (const [api, routeOf] of [
  ['an HTTPRoute', httpRoute],
  ['a VirtualService', virtualService],
  ['an ApisixRoute', apisixRoute],
] as const)
  describe(`Services with a common stem behind ${api}`, () => {
    it('are found by the name that is printed of them, which no Service and no route has', async () => {
      using made = new ManifestsFolder()
      const pair = [
        ['shelf-old', '{ app: s1 }'],
        ['shelf-new', '{ app: s2 }'],
      ] as const
      made.write('all.yaml', `${services(...pair)}${routeOf('shelf-old', 'shelf-new')}`)
      const { stdout } = await made.run('status shelf-old -n shop')
      const [, name] = /^(\S+) in namespace shop/.exec(stdout) ?? []
      for (const line of [
        `status ${name}`,
        `weight ${name} shelf-new=10`,
        `abort ${name}`,
        `doctor ${name}`,
      ]) {
        const { code, stderr } = await made.run(`${line} -n shop`)
        assert.equal(code, 0, `${line}: ${stderr}`)
      }
    })
  })
