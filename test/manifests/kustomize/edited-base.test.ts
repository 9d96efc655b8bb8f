import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { kustomization, Repository } from './repository.ts'

const cohort = 'cohort internal --to v2 --service store --stable v1'
const weight = 'weight v2=20 --service store --stable v1'

const overlay = (operations: string) => ({
  'overlays/prod/kustomization.yaml': kustomization(
    `namespace: store-prod\nresources: [../../base]\npatches:\n- target: {kind: VirtualService, name: store}\n  patch: |-\n${operations}\n`,
  ),
})
const byIndex = overlay('    - {op: replace, path: /spec/http/0/route/0/weight, value: 90}')

/** Another VirtualService of the overlay, which splits by the base's subset. */
const withOwnRoute = (subset: string) => ({
  'overlays/prod/kustomization.yaml': kustomization(
    'namespace: store-prod\nresources: [../../base, own.yaml]\n',
  ),
  'overlays/prod/own.yaml': `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: own
spec:
  hosts: [own.example.com]
  http:
  - route:
    - destination: {host: store, subset: ${subset}}
`,
})

describe('an edit of a base that overlays patch', () => {
  it('is refused where a patch by index would change another route', async () => {
    using repository = new Repository(byIndex)
    const before = repository.text('base/route.yaml')
    for (const where of ['-f @', '-f @ --dry-run=client', '-k @base']) {
      const { code, stderr } = await repository.run(`${cohort} ${where}`)
      assert.equal(code, 3, where)
      assert.match(stderr, /\/spec\/http\/0\/route\/0\/weight in the patch at @overlays\/prod\/kustom/)
    }
    assert.equal(repository.text('base/route.yaml'), before)
  })
  it('is refused where an overlay could not be built any more', async () => {
    using repository = new Repository(
      overlay('    - {op: remove, path: /metadata/annotations/kubectl-canary~1stable}'),
    )
    repository.write(
      'base/route.yaml',
      repository
        .text('base/route.yaml')
        .replace(/(VirtualService\nmetadata:\n)/, '$1  annotations: {kubectl-canary/stable: v1}\n'),
    )
    const { code, stderr } = await repository.run('promote store v2 -f @')
    assert.equal(code, 3)
    assert.match(
      stderr,
      /kustomization @overlays\/prod could not be built any more: error in remove for path/,
    )
    assert.doesNotMatch(stderr, /kubectl-canary-\w{6}/)
  })
  it('is done where a patch by index still fits', async () => {
    using repository = new Repository(byIndex)
    assert.equal((await repository.run('weight v2=10 --service store --stable v1 -f @')).code, 0)
  })
})

it('an edit of a base that adds a destination behind the one that a patch names by its index is done', async () => {
  using repository = new Repository(
    overlay('    - {op: add, path: /spec/http/0/route/0/headers, value: {request: {set: {x-env: prod}}}}'),
  )
  const text = repository.text('base/route.yaml')
  const lone = text.replace(
    /http:[\s\S]*/,
    'http:\n  - route:\n    - destination: {host: store, subset: v1}\n',
  )
  assert.notEqual(lone, text)
  repository.write('base/route.yaml', lone)
  const { code, stderr } = await repository.run(`${weight} -f @`)
  assert.equal(code, 0, stderr)
  const promoted = await repository.run('promote v2 --service store -f @')
  assert.equal(promoted.code, 3)
  assert.match(promoted.stderr, /would be another item of the list/)
})

describe('the overlays of an edited base', () => {
  it('are named where a rule would refuse them', async () => {
    using repository = new Repository(byIndex)
    const { code, stderr } = await repository.run(`${weight} -f @`)
    assert.equal(code, 3)
    assert.match(
      stderr,
      /VirtualService store-prod\/store .*: in kustomization @overlays\/prod: .*weights-sum-to-100/,
    )
  })
  it('are found in the repository of a file', async () => {
    using repository = new Repository(byIndex)
    assert.equal((await repository.run(`${weight} -f @base/route.yaml`)).code, 0)
    using tracked = new Repository({ ...byIndex, '.git/HEAD': '' })
    assert.equal((await tracked.run(`${weight} -f @base/route.yaml`)).code, 3)
  })
  it('do not prevent an edit by existing problems', async () => {
    using repository = new Repository(withOwnRoute('v9'))
    assert.equal((await repository.run(`${cohort} -f @`)).code, 0)
    using broken = new Repository(overlay('    - {op: remove, path: /spec/none}'))
    const { code, stderr } = await broken.run(`${cohort} -f @`)
    assert.equal(code, 0)
    assert.match(stderr, /overlays\/prod cannot be built: .*; it is not checked with the edit/)
  })
  it('are built with a new file as the note asks for', async () => {
    using repository = new Repository({
      'base/kustomization.yaml': kustomization('resources: [app.yaml]\n'),
    })
    rmSync(join(repository.path, 'base/route.yaml'))
    const { code, stderr } = await repository.run('init store --stable v1 --mesh -f @')
    assert.equal(code, 0, stderr)
    assert.match(stderr, /does not list .*add/)
  })
})

describe('an edit of a base that a patch hides', () => {
  it('names the kustomization with the patch, in which it is done with -k', async () => {
    using repository = new Repository(
      overlay(
        '    - {op: replace, path: /spec/http, value: [{route: [{destination: {host: store, subset: v1}}]}]}',
      ),
    )
    const hidden = await repository.run(`${weight} -f @ --dry-run=client`)
    assert.equal(hidden.code, 0, hidden.stderr)
    const note = /kustomization @overlays\/prod sets what is edited in VirtualService/
    assert.match(hidden.stderr, note)
    const { code, stdout, stderr } = await repository.run(`${weight} -k @overlays/prod`)
    assert.equal(code, 0, stderr)
    assert.match(stdout, /overlays\/prod\/kustomization\.yaml/)
    assert.doesNotMatch(stderr, note)
    using fitting = new Repository(byIndex)
    assert.doesNotMatch((await fitting.run('weight v2=10 --service store --stable v1 -f @')).stderr, note)
  })
  it('is told where the patch hides a part of it, and not where the patch only moves it', async () => {
    const route = (subset: string): string =>
      `route: [{destination: {host: store, subset: ${subset}}, weight: 100}]`
    const items = `{match: [{uri: {prefix: /items}}], ${route('v1')}}`
    const edited = async (operation: string): Promise<string> => {
      using repository = new Repository({
        ...overlay(`    - ${operation}`),
        'base/route.yaml': `{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: store}, spec: {hosts: [store], http: [${items}, {${route('v1')}}]}}\n`,
      })
      const { code, stderr } = await repository.run(`${weight} -f @ --dry-run=client`)
      assert.equal(code, 0, stderr)
      return stderr
    }
    const note = /kustomization @overlays\/prod sets a part of what is edited in VirtualService/
    assert.match(
      await edited(
        '{op: replace, path: /spec/http/1/route, value: [{destination: {host: store, subset: v1}}]}',
      ),
      note,
    )
    assert.doesNotMatch(await edited('{op: add, path: /spec/http/0/timeout, value: 5s}'), note)
    assert.doesNotMatch(
      await edited(
        `{op: add, path: /spec/http/0, value: {match: [{uri: {prefix: /old}}], redirect: {uri: /}}}`,
      ),
      note,
    )
  })
})
