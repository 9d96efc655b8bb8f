/** What is said of callers in the mesh where a controller owns the service, which refuses an `init`. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseAllDocuments } from 'yaml'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { ManifestsFolder } from '../../plugin/manifests-folder.ts'
import { runCommand } from '../../plugin/run-command.ts'
import { canary, canaryObjects } from '../canary-objects.ts'
import { ControllerStore, liveObjects } from './worlds.ts'

const gateway = `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public }
spec: { selector: { istio: ingressgateway }, servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: ['*'] }] }
`
const inShop = (yaml: string): string =>
  yaml.replaceAll('metadata: { name', 'metadata: { namespace: shop, name')
/** The world of a Canary whose VirtualService is for one gateway alone. */
const edge = (isSuspended: boolean): string =>
  inShop(
    [
      canaryObjects('1').replace('gateways: [mesh]', 'gateways: [public]'),
      canary
        .replace('gateways: [mesh]', 'gateways: [public]')
        .replace('spec:\n', `spec:\n  suspend: ${isSuspended}\n`),
      gateway,
    ].join('\n---\n'),
  )

const patched = (object: KubeObject, fields: object): KubeObject =>
  ({
    ...object,
    spec: { ...(Reflect.get(object, 'spec') as object), ...fields },
  }) as KubeObject
const objectsIn = (yaml: string): readonly KubeObject[] =>
  parseAllDocuments(yaml).flatMap(document => (document.toJS() as KubeObject | null) ?? [])

describe('callers in the mesh of a service that Flagger delivers', () => {
  for (const isSuspended of [false, true])
    it(`come to it by a field of the Canary${isSuspended ? ' that is suspended' : ''}, and by no command that is refused`, async () => {
      const store = new ControllerStore(objectsIn(edge(isSuspended)))
      const { stdout, stderr } = await runCommand(['status', 'catalog', '-n', 'shop'], { store })
      assert.equal(stderr, '')
      assert.match(
        stdout,
        /Callers inside the mesh are not covered: .* To include them: kubectl patch canaries\.flagger\.app catalog-release -n shop --type=merge -p='\{"spec":\{"service":\{"gateways":\["public","mesh"\]\}\}\}'/,
      )
      assert.doesNotMatch(stdout, /canary init/)
    })

  it('come to it on files by an edit of the Canary', async () => {
    using folder = new ManifestsFolder()
    folder.write('all.yaml', edge(true))
    const { stdout } = await folder.run('status')
    assert.match(
      stdout,
      /To include them: add mesh to spec\.service\.gateways of Canary shop\/catalog-release/,
    )
    assert.doesNotMatch(stdout, /canary init/)
  })
})

it('callers in the mesh of a Rollout come to it by the VirtualService that a person wrote', async () => {
  const ofGateway = (object: KubeObject): KubeObject =>
    object.kind === 'VirtualService'
      ? patched(object, { gateways: ['public'], hosts: ['shop.example.com'] })
      : object
  const store = new ControllerStore([
    ...liveObjects('rollout-istio-subsets').map(ofGateway),
    ...objectsIn(inShop(gateway)),
  ])
  const { stdout } = await runCommand(['status', 'rollouts-demo', '-n', 'shop'], { store })
  assert.match(
    stdout,
    /Callers inside the mesh are not covered: .* To include them: kubectl patch virtualservices\.networking\.istio\.io \S+ -n shop --type=json /,
  )
  assert.doesNotMatch(stdout, /canary init/)
})
