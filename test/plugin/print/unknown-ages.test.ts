import assert from 'node:assert/strict'
import test from 'node:test'
import { ManifestsFolder } from '../manifests-folder.ts'

const service = `apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{name: http, port: 80}]}
---
`
const aged = (name: string, year: number | undefined): string =>
  `{name: ${name}${year === undefined ? '' : `, creationTimestamp: "${year}-01-01T00:00:00Z"`}}`
const istio = (first?: number, second?: number): string =>
  `${service}apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [web.example.com]}]}
---
${[aged('one', first), aged('two', second)]
  .map(
    metadata => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: ${metadata}
spec: {hosts: [web.example.com], gateways: [edge], http: [{route: [{destination: {host: web}}]}]}
`,
  )
  .join('---\n')}`
const gatewayApi = (first?: number, second?: number): string =>
  `${service}apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge}
spec: {gatewayClassName: istio, listeners: [{name: http, port: 80, protocol: HTTP, hostname: web.example.com}]}
---
${[aged('one', first), aged('two', second)]
  .map(
    metadata => `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: ${metadata}
spec: {parentRefs: [{name: edge}], rules: [{backendRefs: [{name: web, port: 80}]}]}
`,
  )
  .join('---\n')}`

async function unreached(text: string): Promise<readonly unknown[]> {
  using folder = new ManifestsFolder()
  folder.write('all.yaml', text)
  const { stdout } = await folder.run('status web -o json')
  const { services } = JSON.parse(stdout) as {
    services: {
      entryPoints: { ref: { name: string }; splits: { reached: boolean; unlessOlderThan?: unknown }[] }[]
    }[]
  }
  return services[0]!.entryPoints.flatMap(({ ref, splits }) =>
    splits.filter(({ reached }) => !reached).map(({ unlessOlderThan }) => [ref.name, unlessOlderThan]),
  )
}

test('a route that gets nothing only if another is older says so, where files do not tell', async () => {
  for (const [kind, text] of [
    ['VirtualService', istio],
    ['HTTPRoute', gatewayApi],
  ] as const) {
    assert.deepEqual(await unreached(text()), [['two', [{ kind, namespace: 'default', name: 'one' }]]])
    assert.deepEqual(await unreached(text(2025, 2024)), [['one', undefined]])
  }
})
