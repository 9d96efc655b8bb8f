import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openStore } from '../../../plugin/open-store.ts'
import { ManifestsFolder } from '../manifests-folder.ts'
import { runCommand } from '../run-command.ts'

const service = (name: string, more = ''): string => `
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: shop}
spec: {selector: {app: ${name}}, ports: [{name: http, port: 80}]${more}}
`
const versions = (name: string): string =>
  [
    ...['v1', 'v2'].map(
      version => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}-${version}, namespace: shop}
spec: {selector: {matchLabels: {app: ${name}, version: ${version}}}, template: {metadata: {labels: {app: ${name}, version: ${version}}}, spec: {containers: [{name: c, image: i}]}}}
`,
    ),
    `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: ${name}, namespace: shop}
spec: {host: ${name}, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}
`,
  ].join('---')
const route = (name: string, spec: string): string => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${name}, namespace: shop}
spec: ${spec}
`
const gateway = `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: public, namespace: shop}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [shop.example.com]}]}
`
const folderWith = (...texts: readonly string[]): ManifestsFolder => {
  const folder = new ManifestsFolder()
  folder.write('all.yaml', texts.join('---'))
  return folder
}
const split =
  '[{route: [{destination: {host: shop, subset: v1}, weight: 90}, {destination: {host: shop, subset: v2}, weight: 10}]}]'

describe('what a status says is not covered', () => {
  it('stands under a heading, and beside the other notes in the data', async () => {
    using folder = folderWith(
      service('shop'),
      versions('shop'),
      gateway,
      route('edge', `{hosts: [shop.example.com], gateways: [public], http: ${split}}`),
    )
    const { stdout } = await folder.run('status')
    assert.match(stdout, /\n\nNot covered\n {2}Callers inside the mesh are not covered: /)
    const [{ notes, uncovered }] = JSON.parse((await folder.run('status -o json')).stdout).services
    assert.equal(uncovered.length, 1)
    assert.ok(notes.includes(uncovered[0]))
  })

  it('is not the mesh where its requests lead to other Services', async () => {
    using folder = folderWith(
      service('front'),
      service('back'),
      gateway,
      route('front', '{hosts: [front], http: [{route: [{destination: {host: back}}]}]}'),
      route(
        'edge',
        '{hosts: [shop.example.com], gateways: [public], http: [{route: [{destination: {host: front}}]}]}',
      ),
    )
    const { stdout } = await folder.run('status front')
    assert.match(stdout, /front on mesh\n +everyone +→ back/)
    assert.doesNotMatch(stdout, /not covered/i)
  })

  it('names the callers as a sentence does', async () => {
    using folder = folderWith(
      service('shop'),
      versions('shop'),
      route('shop', `{hosts: [shop], exportTo: ["."], http: ${split}}`),
    )
    const { stdout } = await folder.run('status')
    assert.match(stdout, /Callers in istio-system and any other namespace are not covered/)
  })
})

describe('a Service with session affinity whose requests are split', () => {
  const world = () =>
    folderWith(
      service('shop', ', sessionAffinity: ClientIP'),
      versions('shop'),
      route('shop', '{hosts: [shop], http: [{route: [{destination: {host: shop, subset: v1}}]}]}'),
    )
  const saying = /Proxies ignore sessionAffinity: ClientIP of Service shop/

  it('is named by the edit, by status and by doctor, and no longer once users keep their version', async () => {
    using folder = world()
    assert.doesNotMatch((await folder.run('status')).stdout, saying)
    const { stderr } = await folder.run('weight v2=10')
    assert.match(stderr, saying)
    assert.match((await folder.run('status')).stdout, saying)
    assert.match((await folder.run('doctor shop')).stdout, /warn {2}session-affinity/)
    const command = /kubectl canary (weight shop .*)$/m.exec(stderr)?.[1]
    assert.ok(command !== undefined, stderr)
    const kept = await runCommand(command.split(' '), { store: openStore })
    assert.equal(kept.code, 0, kept.stderr)
    assert.doesNotMatch(kept.stderr, saying)
    assert.doesNotMatch((await folder.run('status')).stdout, saying)
  })

  it('has a command that works where nothing says which version is stable', async () => {
    using folder = folderWith(
      service('shop', ', sessionAffinity: ClientIP'),
      versions('shop'),
      route('shop', `{hosts: [shop], http: ${split}}`),
    )
    const { stdout } = await folder.run('status')
    const command = /kubectl canary (weight shop .*)$/m.exec(stdout)?.[1]
    const { code, stderr } = await runCommand(command!.split(' '), { store: openStore })
    assert.equal(code, 0, stderr)
  })
})

it('a cohort by claims is said to get nothing at a gateway that reads no tokens, by the edit and by status', async () => {
  using folder = folderWith(
    service('shop'),
    versions('shop'),
    gateway,
    route(
      'edge',
      '{hosts: [shop.example.com], gateways: [public], http: [{route: [{destination: {host: shop, subset: v1}}]}]}',
    ),
  )
  const saying =
    /No RequestAuthentication found for the proxies of shop\/public: without one, cohort staff gets no requests there/g
  const { stderr } = await folder.run('cohort staff --to v2 --claim group=internal')
  assert.equal(stderr.match(saying)?.length, 1)
  assert.equal((await folder.run('status')).stdout.match(saying)?.length, 1)
})
