import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { batchesOf, kindOf, startsPlugin } from './batches.ts'

const root = join(import.meta.dirname, '../..')
const plan = 'test/plan/some.test.ts'
const cluster = 'test/webhook/cluster/some.test.ts'

test('every test file is in one batch', () => {
  const files = globSync('test/**/*.test.ts', { cwd: root })
  assert.deepEqual(batchesOf(root, files).flat().toSorted(), files.toSorted())
})

for (const [what, text] of Object.entries({
  'hooks for all tests': 'before(async () => {\n  built = await Built.make()\n})',
  'another environment': "process.env['HOME'] = folder",
  'a clock of its own': 'context.mock.timers.enable()',
}))
  test(`a file with ${what} shares its process with none`, () => {
    assert.deepEqual([kindOf(plan, text), kindOf(plan, '')], ['alone', 'computing'])
  })

test('files on clusters share one whatever kinds these have, those with controllers another, and those with flags of their own none', () => {
  const kindOfCluster = (options: string) => kindOf(cluster, `const real = clusterTests(${options})`)
  assert.deepEqual(
    [
      '',
      "{ needs: ['helm4'] }",
      "{ crds: ['istio', 'gateway-api'] }",
      '{ controllerManager: true, crds: [] }',
      '{ aggregatorRouting: true }',
      '{\n  controllerManager: true,\n  controllerManagerFlags: [],\n}',
    ].map(kindOfCluster),
    ['onCluster', 'onCluster', 'onCluster', 'onControlledCluster', 'alone', 'alone'],
  )
  assert.equal(kindOf('test/cluster/some.test.ts', 'const real = clusterTests()'), 'alone')
})

test('a file of a folder that is not known to change nothing has a process of its own', () => {
  assert.equal(kindOf('test/webhook/serve/some.test.ts', ''), 'alone')
})

test('files that start the plugin are run on the executable too, but for those of Jobs', () => {
  const text = 'built = await Built.make()'
  assert.deepEqual(
    [
      startsPlugin('test/plugin/program/program.test.ts', text),
      startsPlugin('test/plugin/run/jobs/some.test.ts', text),
      startsPlugin('test/build/late-parts.test.ts', text),
      startsPlugin(plan, ''),
    ],
    [true, false, false, false],
  )
})
