import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { kustomization, Repository } from './repository.ts'
import { statusInWords } from '../../plugin/print/status-in-words.ts'

const weight = 'weight v2=20 --service store --stable v1 -k @overlays/prod'
const patchFile = 'overlays/prod/route.yaml'

/** An overlay whose patch of the VirtualService has these lines; another one beside it takes the same base. */
const patchedBy = (text: string): Repository =>
  new Repository({
    'overlays/prod/kustomization.yaml': kustomization(
      'resources: [../../base]\npatches:\n- target: {kind: VirtualService, name: store}\n  path: route.yaml\n',
    ),
    'overlays/dev/kustomization.yaml': kustomization('resources: [../../base]\n'),
    [patchFile]: text,
  })

const copied = `# the same route for the shop's own paths
- op: copy
  from: /spec/http/0
  path: /spec/http/0
- {op: add, path: /spec/http/0/match, value: [{uri: {prefix: /shop}}]}
`
const moved = `- op: add
  path: /spec/http/0
  value:
    match: [{uri: {prefix: /shop}}]
    route:
    - destination: {host: store, subset: v1}
      weight: 90  # most
    - destination: {host: store, subset: v2}
      weight: 10
# the route of the base comes first
- {op: move, from: /spec/http/1, path: /spec/http/0}
- {op: remove, path: /spec/http/0}
`

describe('an edit beside operations that move or copy', () => {
  it('changes behind a copy what was copied, and no other root that takes the base', async () => {
    using repository = patchedBy(copied)
    const base = repository.text('base/route.yaml')
    const { code, stderr } = await repository.run(`${weight} --route http[0]`)
    assert.equal(code, 0, stderr)
    assert.equal(repository.text('base/route.yaml'), base)
    assert.ok(repository.text(patchFile).startsWith(copied), repository.text(patchFile))
    const stdout = statusInWords((await repository.run('status -k @overlays/prod')).stdout)
    assert.match(stdout, /v1 80 %, v2 20 %/)
    assert.match(stdout, /v1 90 %, v2 10 %/)
  })
  it('changes the value of an operation whose route is moved later', async () => {
    using repository = patchedBy(moved)
    const { code, stderr } = await repository.run(weight)
    assert.equal(code, 0, stderr)
    assert.ok(
      repository
        .text(patchFile)
        .startsWith(moved.replace('weight: 90', 'weight: 80').replace('weight: 10', 'weight: 20')),
      repository.text(patchFile),
    )
    assert.match(statusInWords((await repository.run('status -k @overlays/prod')).stdout), /v1 80 %, v2 20 %/)
  })
})

describe('a finding that an operation causes', () => {
  const found = async (text: string): Promise<readonly string[]> => {
    using repository = patchedBy(text)
    const { stdout } = await repository.run('lint -k @overlays/prod')
    return stdout.split('\n').filter(line => /^@\S+:\d+:\d+: /.test(line))
  }
  for (const [what, text, line] of [
    [
      'a weight that is replaced',
      '- {op: test, path: /kind, value: VirtualService}\n- op: replace\n  path: /spec/http/0/route/0/weight\n  value: 95\n',
      'route.yaml:4:3: error: VirtualService default/store spec.http[0].route: the weights',
    ],
    [
      'a weight that is removed',
      '- {op: test, path: /kind, value: VirtualService}\n- {op: remove, path: /spec/http/0/route/1/weight}\n',
      'route.yaml:2:3: error: VirtualService default/store spec.http[0].route: the weights',
    ],
    [
      'a subset in a route that is added',
      '- op: add\n  path: /spec/http/0\n  value:\n    match: [{uri: {prefix: /shop}}]\n    route:\n    - destination:\n        host: store\n        subset: v9\n',
      'route.yaml:8:9: error: VirtualService default/store spec.http[0].route[0].destination.subset: ',
    ],
    [
      'a subset in a route that moves later',
      moved.replace('subset: v2', 'subset: v9'),
      'route.yaml:8:34: error: VirtualService default/store spec.http[0].route[1].destination.subset: ',
    ],
  ] as const)
    it(`is shown at its line in the patch: ${what}`, async () => {
      const lines = await found(text)
      assert.ok(
        lines.some(each => each.startsWith(`@overlays/prod/${line}`)),
        lines.join('\n'),
      )
    })
  it('is shown in the base where no operation says the field', async () => {
    const lines = await found('- {op: replace, path: /spec/hosts/0, value: shop}\n')
    assert.ok(
      lines.every(line => !line.includes('route.yaml:1:') || line.includes('hosts')),
      lines.join('\n'),
    )
  })
})
