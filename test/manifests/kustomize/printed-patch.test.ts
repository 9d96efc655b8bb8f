import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { kustomization, Repository } from './repository.ts'

const file = 'overlays/prod/kustomization.yaml'
const line = 'weight v2=20 --service store --stable v1 -k @overlays/prod'
/** Two overlays of one base; one gives names and a namespace. */
const shared = {
  [file]: kustomization('namespace: shop\nnamePrefix: p-\nresources: [../../base]\n'),
  'overlays/dev/kustomization.yaml': kustomization('resources: [../../base]\n'),
}

describe('a patch for an overlay whose base others take as well', () => {
  it('is what the refusal asks for, and makes that build alone divide the requests', async () => {
    using repository = new Repository(shared)
    const refused = await repository.run(line)
    assert.equal(refused.code, 3, refused.stderr)
    assert.match(refused.stderr, /with --emit-patch kustomize.* @overlays\/prod\/kustomization\.yaml/)
    const printed = await repository.run(`${line} --emit-patch kustomize`)
    assert.equal(printed.code, 0, printed.stderr)
    repository.write(file, repository.text(file) + printed.stdout)
    const status = await repository.run('status -k @overlays/prod')
    assert.match(status.stdout, /v1 +80\.0 %[^]*v2 +20\.0 %/)
    const other = await repository.run('status -k @overlays/dev')
    assert.doesNotMatch(other.stdout, /20\.0 %/)
  })

  it('is edited in place by the next command', async () => {
    using repository = new Repository(shared)
    const { stdout } = await repository.run(`${line} --emit-patch kustomize`)
    repository.write(file, repository.text(file) + stdout)
    const edited = await repository.run(line.replace('v2=20', 'v2=30'))
    assert.equal(edited.code, 0, edited.stderr)
    assert.match(repository.text(file), /weight: 70[^]*weight: 30/)
  })
})

describe('a patch for an object whose fields a replacement sets', () => {
  it('is what the refusal asks for, and the build has the cohort', async () => {
    const text = kustomization(`namespace: shop
resources: [../../base, host.yaml]
replacements:
- source: {kind: ConfigMap, name: host, fieldPath: data.host}
  targets:
  - {select: {kind: VirtualService}, fieldPaths: [spec.http.*.route.*.destination.host]}
  - {select: {kind: DestinationRule}, fieldPaths: [spec.host]}
`)
    const host = `{apiVersion: v1, kind: ConfigMap, metadata: {name: host}, data: {host: store.shop.svc.cluster.local}}\n`
    using repository = new Repository({ [file]: text, 'overlays/prod/host.yaml': host })
    const cohort = 'cohort internal --to v2 --service store --stable v1 -k @overlays/prod'
    const refused = await repository.run(cohort)
    assert.equal(refused.code, 3, refused.stderr)
    assert.match(refused.stderr, /with --emit-patch kustomize/)
    const printed = await repository.run(`${cohort} --emit-patch kustomize`)
    assert.equal(printed.code, 0, printed.stderr)
    repository.write(file, text + printed.stdout)
    assert.match((await repository.run('status -k @overlays/prod')).stdout, /cohort internal +→ v2/)
  })

  it('is refused where the replacement sets what it would change', async () => {
    const weights = `{apiVersion: v1, kind: ConfigMap, metadata: {name: weights}, data: {stable: "90"}}\n`
    using repository = new Repository({
      'overlays/prod/weights.yaml': weights,
      [file]: kustomization(`namespace: shop
resources: [../../base, weights.yaml]
replacements:
- source: {kind: ConfigMap, name: weights, fieldPath: data.stable}
  targets:
  - {select: {kind: VirtualService}, fieldPaths: [spec.http.0.route.0.weight]}
`),
    })
    const { code, stdout, stderr } = await repository.run(`${line} --emit-patch kustomize`)
    assert.equal(code, 3, stdout + stderr)
    assert.equal(stdout, '')
    assert.match(stderr, /VirtualService shop\/store: what comes after patches/)
  })
})
