import assert from 'node:assert/strict'
import test from 'node:test'
import vm from 'node:vm'
import { inSteadyYoungGeneration } from '../../../../plugin/commands/lint/young-generation.ts'

/** Another text each time, of the same length: V8 remembers what it has compiled by its text. */
let made = 100
const sourceNow = (): string => `(function sum(a, b) { return a + b + ${made++} })`
const kept = new vm.Script(sourceNow()).createCachedData()
const isRefused = (): boolean | undefined =>
  new vm.Script(sourceNow(), { cachedData: kept }).cachedDataRejected

test('compiled code of other runs is taken again after the work, which V8 refuses under other flags', async () => {
  assert.equal(isRefused(), false)
  assert.equal(await inSteadyYoungGeneration(isRefused), true)
  assert.equal(isRefused(), false)
})

test('the result of the work comes through, at once or late', async () => {
  assert.equal(await inSteadyYoungGeneration(() => 'done'), 'done')
  assert.equal(await inSteadyYoungGeneration(async () => 'later'), 'later')
})

test('an error of the work comes through, and the flags are as they were', async () => {
  await assert.rejects(
    inSteadyYoungGeneration(() => {
      throw new Error('broken')
    }),
    /broken/,
  )
  assert.equal(isRefused(), false)
})
