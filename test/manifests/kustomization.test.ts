import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { ManifestsFolder } from '../plugin/manifests-folder.ts'

const init = 'init --service productcatalogservice --stable v1 --dry-run=client'

test('a new file that the kustomization beside it does not list is told, with the line to add', async () => {
  using folder = new ManifestsFolder('shop')
  folder.write(
    'kustomization.yaml',
    'resources:\n- shop.yaml\n- productcatalogservice.yaml\n- ./productcatalogservice-virtualservice.yaml\n',
  )
  const { stderr } = await folder.run(init)
  assert.match(
    stderr,
    /note: \S+kustomization\.yaml does not list productcatalogservice-destinationrule\.yaml, so kustomize leaves it out: add `- productcatalogservice-destinationrule\.yaml` under its resources\.\n$/,
  )
  assert.doesNotMatch(stderr, /does not list productcatalogservice-virtualservice/)
})

test('a kustomization further up is told of only where it lists what stands beside the new file', async () => {
  using folder = new ManifestsFolder()
  using shop = new ManifestsFolder('shop')
  mkdirSync(join(folder.path, 'apps'))
  for (const [name, text] of Object.entries(shop.texts())) folder.write(`apps/${name}`, text)
  folder.write('kustomization.yaml', 'resources:\n- elsewhere/shop.yaml\n')
  assert.doesNotMatch((await folder.run(init)).stderr, /kustomization/)
  folder.write('kustomization.yaml', 'resources:\n- apps/shop.yaml\n')
  assert.match(
    (await folder.run(init)).stderr,
    /add `- apps\/productcatalogservice-virtualservice\.yaml` under its resources/,
  )
})

test('a kustomization that cannot be read stops nothing', async () => {
  using folder = new ManifestsFolder('shop')
  folder.write('kustomization.yml', 'resources: [\n')
  const { code, stderr } = await folder.run(init)
  assert.equal(code, 0)
  assert.match(stderr, /add `- productcatalogservice-destinationrule\.yaml`/)
})
