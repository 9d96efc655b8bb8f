import assert from 'node:assert/strict'
import test from 'node:test'
import { catalogFolder, formatRoute, routeIn } from './catalog-files.ts'
import type { ManifestsFolder } from '../manifests-folder.ts'

const bare = `http:
- route:
  - destination: {host: catalog} # whichever version
`
const twoBare = `http:
- match: [{uri: {prefix: /items}}]
  route:
  - destination: {host: catalog}
    weight: 100
- route:
  - destination: {host: catalog}
`

async function run(folder: ManifestsFolder, line: string): Promise<string> {
  const { code, stdout, stderr } = await folder.run(line)
  assert.equal(code, 0, `${line}\n${stderr}`)
  return stdout
}
/** The cohorts' routes in no order, then the rest. */
const routes = (folder: ManifestsFolder): readonly string[] => {
  const all = routeIn(folder).spec.http!.map(formatRoute)
  return [...all.filter(each => each.includes(':')).toSorted(), ...all.filter(each => !each.includes(':'))]
}
const stableOf = (folder: ManifestsFolder): string | undefined =>
  routeIn(folder).metadata.annotations?.['kubectl-canary/stable']

for (const [first, second] of [
  ['internal', 'beta'],
  ['beta', 'internal'],
] as const)
  test(`everyone else stays with stable after ${first}, the first of two cohorts, goes`, async () => {
    using folder = catalogFolder(bare)
    const before = folder.texts()
    await run(folder, 'cohort internal --to v2 --stable v1')
    assert.deepEqual(routes(folder), ['internal: v2', 'v1'])
    await run(folder, 'cohort beta --to v2')
    assert.deepEqual(routes(folder), ['beta: v2', 'internal: v2', 'v1'])
    const both = folder.texts()

    assert.match(await run(folder, `cohort ${first} --remove`), /everyone else → v1\n/)
    assert.deepEqual(routes(folder), [`${second}: v2`, 'v1'])
    assert.equal(stableOf(folder), 'v1')

    await run(folder, `cohort ${first} --to v2`)
    assert.deepEqual(routes(folder), ['beta: v2', 'internal: v2', 'v1'])
    await run(folder, `cohort ${first} --remove`)
    assert.notDeepEqual(folder.texts(), both)

    await run(folder, `cohort ${second} --remove`)
    assert.deepEqual(folder.texts(), before)
  })

test('each of several routes stays with stable until the last cohort has gone', async () => {
  using folder = catalogFolder(twoBare)
  const before = folder.texts()
  for (const name of ['a', 'b', 'c']) await run(folder, `cohort ${name} --to v2 --stable v1`)
  assert.deepEqual(routes(folder).slice(6), ['v1 100', 'v1'])
  for (const name of ['b', 'a']) {
    await run(folder, `cohort ${name} --remove`)
    assert.deepEqual(routes(folder).slice(-2), ['v1 100', 'v1'], `after ${name}`)
    assert.equal(stableOf(folder), 'v1')
  }
  assert.deepEqual(routes(folder), ['c: v2', 'c: v2', 'v1 100', 'v1'])
  await run(folder, 'cohort c --remove')
  assert.deepEqual(folder.texts(), before)
})

test('a promoted version keeps everyone when the cohort of another version goes after it', async () => {
  using folder = catalogFolder(bare)
  await run(folder, 'cohort internal --to v2 --stable v1')
  await run(folder, 'cohort beta --to v3')
  await run(folder, 'promote v2')
  assert.deepEqual(routes(folder), ['beta: v3', 'v2'])
  await run(folder, 'cohort beta --remove')
  assert.deepEqual(routes(folder), ['v2'])
  assert.equal(stableOf(folder), undefined)
})

test('shares stay through the going of each cohort beside them', async () => {
  using folder = catalogFolder(bare)
  await run(folder, 'cohort internal --to v2 --stable v1')
  await run(folder, 'cohort beta --to v2')
  await run(folder, 'weight v2=10')
  assert.deepEqual(routes(folder), ['beta: v2', 'internal: v2', 'v1 90, v2 10'])
  await run(folder, 'cohort internal --remove')
  assert.deepEqual(routes(folder), ['beta: v2', 'v1 90, v2 10'])
  await run(folder, 'weight v2=20')
  assert.deepEqual(routes(folder), ['beta: v2', 'v1 80, v2 20'])
  await run(folder, 'cohort beta --remove')
  assert.deepEqual(routes(folder), ['v1 80, v2 20'])
  assert.equal(stableOf(folder), 'v1')
})

for (const [title, lines] of [
  ['set to shares and back', ['weight v2=10', 'weight v1=100']],
  ['promoted', ['promote v1']],
] as const)
  test(`a route that was ${title} stays where it leads when the last cohort goes`, async () => {
    using folder = catalogFolder(bare)
    await run(folder, 'cohort internal --to v2 --stable v1')
    for (const line of lines) await run(folder, line)
    assert.match(routes(folder).join(), /^internal: v2,v1\b/)
    const [, ...base] = routes(folder)
    await run(folder, 'cohort internal --remove')
    assert.deepEqual(routes(folder), base)
  })
