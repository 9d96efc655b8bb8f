import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { pods, service } from '../deployment/pods-world.ts'
import { ManifestsFolder } from '../manifests-folder.ts'

/** Writes the labels that the lines of an error ask for: `Set PATH: VALUE in Deployment NAMESPACE/NAME`. */
function labelled(text: string, error: string): string {
  const asked = new Map(
    [
      ...error.matchAll(/Set spec\.template\.metadata\.labels\.version: (\S+) in Deployment default\/(\S+)/g),
    ].map(([, version, name]) => [name!, version!]),
  )
  assert.notEqual(asked.size, 0, error)
  return parseAllDocuments(text)
    .map(document => {
      const version = asked.get(String(document.getIn(['metadata', 'name'])))
      if (document.get('kind') === 'Deployment' && version !== undefined)
        document.setIn(['spec', 'template', 'metadata', 'labels', 'version'], version)
      return document.toString()
    })
    .join('---\n')
}

const world = (...names: readonly string[]): string =>
  service('shop', 'app: shop') + names.map(name => pods(name, `app: shop, color: ${name}`)).join('')

describe('what is said where no pod has a version label', () => {
  it('names for each workload the version that its own name says, and works when it is followed', async () => {
    for (const line of ['init shop --stable blue', 'init shop --stable green']) {
      using folder = new ManifestsFolder()
      folder.write('shop.yaml', world('shop-blue', 'shop-green'))
      const refused = await folder.run(line)
      assert.equal(refused.code, 1, refused.stderr)
      assert.match(refused.stderr, /version: blue in Deployment default\/shop-blue/)
      assert.match(refused.stderr, /version: green in Deployment default\/shop-green/)
      folder.write('shop.yaml', labelled(folder.texts()['shop.yaml']!, refused.stderr))
      const done = await folder.run(line)
      assert.equal(done.code, 0, done.stderr)
    }
  })

  it('gives workloads whose names say nothing different versions, the stable one first', async () => {
    using folder = new ManifestsFolder()
    folder.write('shop.yaml', world('one', 'two'))
    const { stderr } = await folder.run('init shop --stable blue')
    assert.match(stderr, /version: blue in Deployment default\/one\n/)
    assert.match(stderr, /version: v1 in Deployment default\/two\n/)
  })

  it('names the stable version to repeat the command with where the workload is another one', async () => {
    using folder = new ManifestsFolder()
    folder.write('shop.yaml', world('shop-v3'))
    const refused = await folder.run('init shop --stable v1')
    assert.match(refused.stderr, /repeat this command with --stable v3/)
    folder.write('shop.yaml', labelled(folder.texts()['shop.yaml']!, refused.stderr))
    assert.equal((await folder.run('init shop --stable v3')).code, 0)
  })

  it('asks for no other deployment of a version that is there', async () => {
    using folder = new ManifestsFolder()
    folder.write('shop.yaml', world('shop-blue', 'shop-green'))
    const { stderr } = await folder.run('weight shop green=10')
    assert.match(stderr, /init --stable blue/)
    assert.doesNotMatch(stderr, /Then deploy green/)
  })
})

describe('what is said of a Service that is another name of a host', () => {
  it('asks for a selector where the Service is another name of a host', async () => {
    using folder = new ManifestsFolder()
    folder.write(
      'ext.yaml',
      'apiVersion: v1\nkind: Service\nmetadata: { name: ext, namespace: shop }\nspec: { type: ExternalName, externalName: api.example.com, ports: [{ port: 443 }] }\n',
    )
    const { code, stderr } = await folder.run('init ext --stable v1')
    assert.equal(code, 1, stderr)
    assert.match(stderr, /Service ext is another name for api\.example\.com and selects no pods/)
    assert.doesNotMatch(stderr, /labels of the Service/)
  })
})
