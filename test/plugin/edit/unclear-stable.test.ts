import assert from 'node:assert/strict'
import test from 'node:test'
import { catalogFolder } from './catalog-files.ts'

const split = (...weights: readonly (readonly [subset: string, weight: number])[]): string =>
  `http:
- route:
${weights
  .map(([subset, weight]) => `  - destination: {host: catalog, subset: ${subset}}\n    weight: ${weight}\n`)
  .join('')}`

for (const [title, spec, reason, choices] of [
  [
    'two versions receive traffic',
    split(['v1', 50], ['v2', 50]),
    'v1 and v2 both receive traffic',
    ['v1', 'v2'],
  ],
  [
    'three versions receive traffic',
    split(['v1', 40], ['v2', 30], ['v3', 30]),
    'v1, v2 and v3 receive traffic',
    ['v1', 'v2', 'v3'],
  ],
] as const)
  test(`where ${title}, the stable version is asked for with the commands that name it`, async () => {
    using folder = catalogFolder(spec)
    const before = folder.texts()
    const { code, stdout, stderr } = await folder.run('cohort internal --to v2')
    assert.equal(code, 2, stdout + stderr)
    assert.equal(
      stderr,
      [
        `error: cannot tell which version of catalog is stable: ${reason}; pass --stable`,
        '  Choose one:',
        ...choices.map(
          version => `    kubectl canary cohort internal --to v2 -f ${folder.path} --stable ${version}`,
        ),
        '',
      ].join('\n'),
    )
    assert.deepEqual(folder.texts(), before)
  })

test('where the routes record two stable versions, that is the reason', async () => {
  using folder = catalogFolder(split(['v1', 100]))
  await folder.run('weight v2=10')
  const { 'route.yaml': route = '' } = folder.texts()
  const other = route
    .replaceAll('kubectl-canary/stable: v1', 'kubectl-canary/stable: v2')
    .replace('name: catalog', 'name: other')
    .replace('hosts: [catalog]', 'hosts: [other]')
  assert.match(other, /kubectl-canary\/stable: v2/)
  folder.write('other.yaml', other)
  const { code, stderr } = await folder.run('cohort internal --to v2')
  assert.equal(code, 2, stderr)
  assert.match(stderr, /is stable: v1 and v2 are both recorded as stable; pass --stable\n/)
})

test('of two versions with traffic the one that is not named is stable, where its share is the larger one', async () => {
  using folder = catalogFolder(split(['v1', 90], ['v2', 10]))
  const clear = await folder.run('weight v2=20 --dry-run=client')
  assert.equal(clear.code, 0, clear.stderr)
  assert.match(clear.stdout, /everyone → v1 80 %, v2 20 %/)
  assert.match(clear.stdout, /\+.*kubectl-canary\/stable: v1/)
  for (const line of ['weight v1=20', 'weight v3=20', 'abort']) {
    const { code, stderr } = await folder.run(`${line} --dry-run=client`)
    assert.equal(code, 2, line)
    assert.match(stderr, /cannot tell which version of catalog is stable/)
  }
  using even = catalogFolder(split(['v1', 50], ['v2', 50]))
  assert.equal((await even.run('weight v2=20 --dry-run=client')).code, 2)
})
