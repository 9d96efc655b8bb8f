import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ManifestsFolder } from '../../plugin/manifests-folder.ts'

const canary = (service: string): string =>
  `---\napiVersion: flagger.app/v1beta1\nkind: Canary\nmetadata: {name: web}\nspec: {targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, service: {${service}port: 80}, analysis: {interval: 1m}}\n`
const routes: readonly ((name: string) => string)[] = [
  name =>
    `---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: r}\nspec: {hosts: [shop.example.com], gateways: [edge/gw], http: [{route: [{destination: {host: ${name}}}]}]}\n`,
  name =>
    `---\napiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: r}\nspec: {parentRefs: [{name: gw, namespace: edge}], rules: [{backendRefs: [{name: ${name}, port: 80}]}]}\n`,
  name =>
    `---\napiVersion: apisix.apache.org/v2\nkind: ApisixRoute\nmetadata: {name: r}\nspec: {http: [{name: all, match: {paths: ["/*"]}, backends: [{serviceName: ${name}, servicePort: 80}]}]}\n`,
]

/** Which of some Services are found missing behind each route of the three APIs. */
async function missing(names: readonly string[], more: string): Promise<readonly string[]> {
  const found: string[] = []
  for (const name of names)
    for (const route of routes) {
      using folder = new ManifestsFolder()
      folder.write('all.yaml', route(name) + more)
      const { findings } = JSON.parse((await folder.run('lint -o json')).stdout)
      found.push(
        ...findings
          .filter((each: { rule: string }) => /^unknown-(host|backend)$/.test(each.rule))
          .map((each: { kind: string }) => `${each.kind} ${name}`),
      )
    }
  return found
}

it('a Service that Flagger makes for a Canary in the files is not missing', async () => {
  assert.deepEqual(await missing(['web', 'web-primary', 'web-canary'], canary('')), [])
  assert.deepEqual(await missing(['shop-primary'], canary('name: shop, ')), [])
})

it('any other Service is', async () => {
  assert.equal((await missing(['web-primary'], '')).length, 3)
  assert.equal((await missing(['web-primary', 'web-next'], canary('name: shop, '))).length, 6)
})
