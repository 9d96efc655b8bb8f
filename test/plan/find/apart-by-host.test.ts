import assert from 'node:assert/strict'
import test from 'node:test'
import { ManifestsFolder } from '../../plugin/manifests-folder.ts'

const versions = ['v1', 'v2']
const workloads = versions
  .map(
    v =>
      `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web-${v}}\nspec: {selector: {matchLabels: {app: web, version: ${v}}}, template: {metadata: {labels: {app: web, version: ${v}}}}}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: web-${v}}\nspec: {selector: {app: web, version: ${v}}, ports: [{name: http, port: 80}]}\n---\n`,
  )
  .join('')
const common = `${workloads}apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{name: http, port: 80}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: web}
spec: {host: web, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}
---
`
const routes = {
  VirtualService: (name: string, host: string, version: string) =>
    `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: ${name}}\nspec: {hosts: ["${host}"], gateways: [edge/gw], http: [{route: [{destination: {host: web, subset: ${version}}}]}]}\n---\n`,
  HTTPRoute: (name: string, host: string, version: string) =>
    `apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: ${name}}\nspec: {parentRefs: [{name: gw, namespace: edge}], hostnames: ["${host}"], rules: [{backendRefs: [{name: web-${version}, port: 80}]}]}\n---\n`,
  ApisixRoute: (name: string, host: string, version: string) =>
    `apiVersion: apisix.apache.org/v2\nkind: ApisixRoute\nmetadata: {name: ${name}}\nspec: {http: [{name: all, match: {hosts: ["${host}"], paths: ["/*"]}, backends: [{serviceName: web-${version}, servicePort: 80}]}]}\n---\n`,
} as const

for (const [kind, route] of Object.entries(routes)) {
  const text = common + route('all', '*.example.com', 'v1') + route('beta', 'beta.example.com', 'v2')
  test(`an edit does not send the requests for one host of a ${kind} to the version of another host unasked`, async () => {
    for (const line of ['weight web v2=10 --stable v1', 'promote web v2', 'abort web --stable v1']) {
      using folder = new ManifestsFolder()
      folder.write('all.yaml', text)
      const { code, stderr } = await folder.run(line)
      assert.equal(code, 2, stderr)
      assert.match(stderr, /\(\*\.example\.com[^)]*\) to v1; .*\(beta\.example\.com[^)]*\) to v2/)
      assert.equal(folder.texts()['all.yaml'], text)
      const commands = stderr.match(/(?<=^ +kubectl canary ).*$/gm) ?? []
      assert.ok(commands.length > 0, stderr)
      for (const command of commands) {
        using copy = new ManifestsFolder()
        copy.write('all.yaml', text)
        const done = await copy.run(command.replace(` -f ${folder.path}`, ''))
        assert.equal(done.code, 0, `${command}\n${done.stderr}`)
        const changed = copy.texts()['all.yaml']!
        const isOther = command.includes('beta')
          ? changed.includes(route('all', '*.example.com', 'v1'))
          : changed.includes(route('beta', 'beta.example.com', 'v2'))
        assert.ok(isOther, changed)
      }
    }
  })

  test(`abort moves no host of a ${kind} to the version of another`, async () => {
    using folder = new ManifestsFolder()
    folder.write('all.yaml', text)
    const { code, stderr } = await folder.run('abort web')
    assert.equal(code, 0, stderr)
    assert.match(stderr, /Nothing to abort/)
    assert.equal(folder.texts()['all.yaml'], text)
  })
}

test('a gateway and the mesh that lead to different versions are entry points of one canary', async () => {
  using folder = new ManifestsFolder()
  const mesh = routes.VirtualService('mesh', 'web', 'v2').replace('edge/gw', 'mesh')
  folder.write('all.yaml', common + routes.VirtualService('all', 'shop.example.com', 'v1') + mesh)
  const { code, stderr } = await folder.run('promote web v2')
  assert.equal(code, 0, stderr)
  assert.doesNotMatch(folder.texts()['all.yaml']!, /subset: v1/)
})
