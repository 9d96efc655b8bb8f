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

const tracks = [
  ['web-stable', '{ app: web, track: stable }'],
  ['web-canary', '{ app: web, track: canary }'],
] as const
const unlike = [
  ['portal', '{ app: p1 }'],
  ['portal-next', '{ app: p2 }'],
] as const

for (const [api, routeOf] of [
  ['an HTTPRoute', httpRoute],
  ['a VirtualService', virtualService],
] as const)
  for (const [what, [one, other]] of [
    ['of two tracks', tracks],
    ['that only the route shows to be versions', unlike],
  ] as const)
    describe(`Services ${what}, behind ${api}`, () => {
      const folder = (): ManifestsFolder => {
        const made = new ManifestsFolder()
        made.write('all.yaml', `${services(one, other)}${routeOf(one[0], other[0])}`)
        return made
      }
      const does = async (made: ManifestsFolder, line: string): Promise<string> => {
        const { code, stdout, stderr } = await made.run(`${line} -n shop`)
        assert.equal(code, 0, `${line}: ${stderr}`)
        return stdout
      }

      it('keep the name of their application after a promotion, and lead back', async () => {
        using made = folder()
        await does(made, `weight ${one[0]} ${other[0]}=20`)
        await does(made, `promote ${one[0]} ${other[0]}`)
        const status = await does(made, `status ${one[0]}`)
        assert.match(status, new RegExp(`${other[0]} +100\\.0 %`))
        assert.match(status, new RegExp(`${one[0]} +0\\.0 %`))
        await does(made, `abort ${one[0]}`)
        await does(made, `promote ${one[0]} ${one[0]}`)
        assert.match(await does(made, `status ${one[0]}`), new RegExp(`${one[0]} +100\\.0 %`))
      })

      it('keep every comment and style of their route through a cohort, a split and a promotion', async () => {
        using made = folder()
        const before = made.texts()['all.yaml']!.split('\n')
        await does(made, `cohort beta ${one[0]} --to ${other[0]} --header x-beta=1`)
        await does(made, `weight ${one[0]} ${other[0]}=20`)
        await does(made, `promote ${one[0]} ${other[0]}`)
        const after = new Set(made.texts()['all.yaml']!.split('\n'))
        const isOfBackends = (line: string): boolean =>
          /^\s+(- (name|destination):.*|port: 8080|weight: \d+)$/.test(line)
        assert.deepEqual(
          before.filter(line => !after.has(line) && !isOfBackends(line)),
          [],
        )
      })

      it('are as they were after a canary that is aborted', async () => {
        using made = folder()
        const before = made.texts()
        await does(made, `cohort beta ${one[0]} --to ${other[0]} --header x-beta=1`)
        await does(made, `weight ${one[0]} ${other[0]}=20`)
        await does(made, `abort ${one[0]}`)
        assert.deepEqual(made.texts(), before)
      })
    })
