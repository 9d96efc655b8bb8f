import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { kustomization, Repository } from './repository.ts'
import { statusInWords } from '../../plugin/print/status-in-words.ts'

const file = 'overlays/prod/kustomization.yaml'
const weight = 'weight v2=20 --service store --stable v1 -k @overlays/prod'

/** Commands one after the other, each of which must do what it says. */
async function runAll(repository: Repository, lines: readonly string[]): Promise<void> {
  for (const line of lines) {
    const { code, stderr } = await repository.run(line)
    assert.equal(code, 0, `${line}: ${stderr}`)
  }
}

/** An overlay with these lines in its kustomization; another one beside it takes the same base. */
const overlay = (text: string) => ({
  [file]: kustomization(text),
  'overlays/dev/kustomization.yaml': kustomization('resources: [../../base]\n'),
})

const merge = (indent: string) =>
  `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: store
spec:
  http:
  # the canary of prod
  - route:
    - destination: {host: store, subset: v1}
      weight: 90   # most

    - destination: {host: store, subset: v2}
      weight: 10
`.replaceAll(/^(?=.)/gm, indent)

const split = (v1: number, v2: number) => (text: string) =>
  text.replace('weight: 90', `weight: ${v1}`).replace('weight: 10', `weight: ${v2}`)

const mergeForms = [
  [
    'patches with a literal block',
    `resources: [../../base]\n# patched\npatches:\n  - patch: |-   # route\n${merge('      ')}  - path: replicas.yaml\n`,
  ],
  [
    'patches with a target',
    `resources: [../../base]\npatches:\n- target: {kind: VirtualService, name: st.*}\n  patch: |\n${merge('    ').replace('name: store', 'name: any')}`,
  ],
  [
    'patchesStrategicMerge',
    `resources: [../../base]\npatchesStrategicMerge:\n- replicas.yaml\n- |-\n${merge('  ')}\n# end\n`,
  ],
  [
    'a block with an indentation of its own',
    `resources: [../../base]\npatches:\n- patch: |4\n${merge('      ')}`,
  ],
  [
    'blank lines with spaces in them',
    `resources: [../../base]\npatches:\n- patch: |-\n${merge('    ').replace('\n\n', '\n   \n')}`,
  ],
  [
    'lines that end as in Windows',
    `resources: [../../base]\npatches:\n- patch: |-\n${merge('    ')}`.replaceAll('\n', '\r\n'),
  ],
] as const

describe('an edit of what an inline strategic merge patch says', () => {
  for (const [form, text] of mergeForms) {
    it(`lands in the kustomization: ${form}`, async () => {
      using repository = new Repository(overlay(text))
      const [base, before] = [repository.text('base/route.yaml'), repository.text(file)]
      const { code, stdout, stderr } = await repository.run(weight)
      assert.equal(code, 0, stderr)
      assert.match(stdout, /store configured in @overlays\/prod\/kustomization\.yaml/)
      assert.equal(repository.text('base/route.yaml'), base)
      const after = repository.text(file)
      assert.deepEqual(
        after.split('\n').filter(line => !/annotations:|kubectl-canary\/stable/.test(line)),
        split(80, 20)(before).split('\n'),
      )
      assert.match(
        statusInWords((await repository.run('status -k @overlays/prod')).stdout),
        /everyone → v1 80 %, v2 20 %/,
      )
      assert.match((await repository.run(weight)).stdout, /unchanged/)
    })
  }
})

describe('an inline strategic merge patch', () => {
  it('gives back every byte when a cohort is removed', async () => {
    using repository = new Repository(
      overlay(`resources: [../../base]\npatches:\n- patch: |-\n${merge('    ')}`),
    )
    await runAll(repository, [weight])
    const before = repository.text(file)
    await runAll(repository, ['cohort internal store --to v2 -k @overlays/prod'])
    assert.match(repository.text(file), /x-istio-cohort/)
    await runAll(repository, ['cohort internal store --remove -k @overlays/prod'])
    assert.equal(repository.text(file), before)
  })
  it('is shown as the change of the kustomization, and written by no dry run', async () => {
    using repository = new Repository(
      overlay(`resources: [../../base]\npatches:\n- patch: |-\n${merge('    ')}`),
    )
    const before = repository.text(file)
    const { stdout } = await repository.run(`${weight} --dry-run=client`)
    assert.match(stdout, /^--- @overlays\/prod\/kustomization\.yaml$/m)
    assert.match(stdout, /^-\s+weight: 90 {3}# most\n\+\s+weight: 80 {3}# most$/m)
    assert.equal(repository.text(file), before)
  })
  it('is found by lint at its line in the kustomization', async () => {
    using repository = new Repository(
      overlay(`resources: [../../base]\npatches:\n- patch: |-\n${split(90, 20)(merge('    '))}`),
    )
    assert.match(
      (await repository.run('lint -k @overlays/prod')).stdout,
      /^@overlays\/prod\/kustomization\.yaml:13:9: error: .*weights-sum-to-100/,
    )
  })
})

const json = (op: string) =>
  `resources: [../../base]\npatches:\n- target: {kind: VirtualService, name: store}\n${op}`
const operations = (indent: string, v1 = 95, v2 = 5) =>
  `- op: replace   # stable
  path: /spec/http/0/route/0/weight
  value: ${v1}
# canary
- {op: replace, path: /spec/http/0/route/1/weight, value: ${v2}}
`.replaceAll(/^(?=.)/gm, indent)

const jsonForms = [
  ['a literal block', json(`  patch: |-\n${operations('    ')}`), operations('    ', 80, 20)],
  [
    'patchesJson6902',
    json(`  patch: |\n${operations('    ')}`)
      .replace('patches:', 'patchesJson6902:')
      .replace('kind:', 'group: networking.istio.io, version: v1, kind:'),
    operations('    ', 80, 20),
  ],
  [
    'JSON in single quotes',
    json(
      `  patch: '[{"op": "replace", "path": "/spec/http/0/route/0/weight", "value": 95}, {"op": "replace", "path": "/spec/http/0/route/1/weight", "value": 5}]'\n`,
    ),
    `  patch: '[{"op": "replace", "path": "/spec/http/0/route/0/weight", "value": 80}, {"op": "replace", "path": "/spec/http/0/route/1/weight", "value": 20}`,
  ],
  [
    'a route that is replaced whole',
    json(
      '  patch: |-\n    - op: replace\n      path: /spec/http/0/route\n      value:\n      - destination: {host: store, subset: v1}\n        weight: 95\n      - destination: {host: store, subset: v2}\n        weight: 5\n',
    ),
    '      - destination: {host: store, subset: v1}\n        weight: 80\n      - destination: {host: store, subset: v2}\n        weight: 20\n',
  ],
] as const

describe('an edit of what inline JSON 6902 operations say', () => {
  for (const [form, text, after] of jsonForms) {
    it(`changes the values of the operations: ${form}`, async () => {
      using repository = new Repository(overlay(text))
      const base = repository.text('base/route.yaml')
      const { code, stdout, stderr } = await repository.run(weight)
      assert.equal(code, 0, stderr)
      assert.match(stdout, /store configured in @overlays\/prod\/kustomization\.yaml/)
      assert.equal(repository.text('base/route.yaml'), base)
      assert.ok(repository.text(file).includes(after), repository.text(file))
      assert.match(
        statusInWords((await repository.run('status -k @overlays/prod')).stdout),
        /everyone → v1 80 %, v2 20 %/,
      )
      assert.match((await repository.run(weight)).stdout, /unchanged/)
    })
  }
})

describe('JSON 6902 operations', () => {
  it('take an edit in a file of their own as well', async () => {
    using repository = new Repository({
      ...overlay(json('  path: route.yaml\n')),
      'overlays/prod/route.yaml': operations(''),
    })
    await runAll(repository, [weight])
    assert.ok(repository.text('overlays/prod/route.yaml').startsWith(operations('', 80, 20)))
  })
  it('get one more for what none says, until the cohort is removed', async () => {
    using repository = new Repository(overlay(json(`  patch: |-\n${operations('    ')}`)))
    await runAll(repository, [weight])
    const before = repository.text(file)
    await runAll(repository, ['cohort internal store --to v2 -k @overlays/prod'])
    assert.match(statusInWords((await repository.run('status -k @overlays/prod')).stdout), /internal .*→ v2/)
    await runAll(repository, ['weight v2=30 --service store -k @overlays/prod'])
    assert.match(
      statusInWords((await repository.run('status -k @overlays/prod')).stdout),
      /everyone else +→ v1 70 %, v2 30 %/,
    )
    await runAll(repository, [
      'weight v2=20 --service store -k @overlays/prod',
      'cohort internal store --remove -k @overlays/prod',
    ])
    assert.equal(repository.text(file), before)
    await runAll(repository, ['promote store v2 -k @overlays/prod'])
    assert.match(statusInWords((await repository.run('status -k @overlays/prod')).stdout), /everyone → v2/)
  })
})

describe('an edit of an inline patch that cannot be made', () => {
  it('is refused where the patch changes another object as well, which is named', async () => {
    using repository = new Repository(
      overlay(json(`  patch: |-\n${operations('    ')}`).replace(', name: store', '')),
    )
    const route = repository.text('base/route.yaml')
    const other = route.slice(route.indexOf('---\n')).replaceAll('store', 'other')
    repository.write('base/route.yaml', route + other)
    const before = repository.text(file)
    const { code, stderr } = await repository.run(weight)
    assert.equal(code, 3)
    assert.match(
      stderr,
      /in @overlays\/prod\/kustomization\.yaml, the build would change this object as well/,
    )
    assert.match(stderr, /VirtualService default\/other|VirtualService \S*other/)
    assert.equal(repository.text(file), before)
  })
  it('is refused where another kustomization takes the overlay too', async () => {
    using repository = new Repository({
      ...overlay(`resources: [../../base]\npatches:\n- patch: |-\n${merge('    ')}`),
      'eu/kustomization.yaml': kustomization('namespace: eu\nresources: [../overlays/prod]\n'),
      'us/kustomization.yaml': kustomization('namespace: us\nresources: [../overlays/prod]\n'),
    })
    const { code, stderr } = await repository.run(weight)
    assert.equal(code, 3)
    assert.match(stderr, /kustomizations @eu, @us take it as well/)
  })
})
