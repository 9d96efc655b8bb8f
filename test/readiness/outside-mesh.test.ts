import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { pods, service, tracks } from '../plugin/deployment/pods-world.ts'
import { ManifestsFolder } from '../plugin/manifests-folder.ts'

const versions =
  service('catalog', 'app: catalog')
  + ['v1', 'v2'].map(name => service(`catalog-${name}`, `app: catalog, version: ${name}`)).join('')
  + ['v1', 'v2'].map(name => pods(`catalog-${name}`, `app: catalog, version: ${name}`)).join('')

const apisixRoute = `---
apiVersion: apisix.apache.org/v2
kind: ApisixRoute
metadata: { name: catalog }
spec:
  http:
    - name: all
      match: { hosts: [shop.example.com], paths: [/*] }
      backends: [{ serviceName: catalog-v1, servicePort: 80 }]
`
const published = versions.replace(
  'metadata: { name: catalog-v1 }',
  'metadata: { name: catalog-v1, annotations: { api7.cloud/published-service: catalog } }',
)

describe('doctor outside a mesh', () => {
  for (const [what, yaml, name] of [
    ['Deployments behind one Service', tracks(2, 1), 'hello'],
    ['Services behind an ApisixRoute', versions + apisixRoute, 'catalog'],
    ['Services that API7 Cloud publishes', published, 'catalog'],
  ] as const)
    it(`asks nothing of ${what} that only a mesh needs`, async () => {
      using folder = new ManifestsFolder()
      folder.write('all.yaml', yaml.replace(/^---\n/, ''))
      for (const line of [`doctor ${name}`, 'doctor']) {
        const { code, stdout, stderr } = await folder.run(line)
        assert.equal(code, 0, stderr)
        assert.doesNotMatch(
          stdout,
          /label version|declare its protocol|injection|subset|DestinationRule|VirtualService|mTLS|sidecar/,
        )
      }
      assert.match((await folder.run(`doctor ${name}`)).stdout, /pod-labels +the versions are told apart/)
    })

  it('takes a selector that names one of two colours for blue/green', async () => {
    using folder = new ManifestsFolder()
    const colours = ['blue', 'green']
      .map(name => pods(`hello-${name}`, `app: hello, version: ${name}`))
      .join('')
    folder.write('all.yaml', (service('hello', 'app: hello, version: blue') + colours).replace(/^---\n/, ''))
    const { code, stdout, stderr } = await folder.run('doctor')
    assert.equal(code, 0, stderr)
    assert.doesNotMatch(stdout, /^warn/m)
  })

  it('says which pods no label tells apart', async () => {
    using folder = new ManifestsFolder()
    const bare = `${tracks(2, 1)}${pods('hello-bare', 'app: hello')}`
    folder.write('all.yaml', bare.replace(/^---\n/, ''))
    const { stdout } = await folder.run('doctor hello')
    assert.match(stdout, /told apart|hello-bare/)
  })
})
