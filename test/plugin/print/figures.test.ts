import assert from 'node:assert/strict'
import test from 'node:test'
import { durationOf, rateOf, successOf } from '../../../plugin/print/services/figures.ts'
import { formatSparkline } from '../../../plugin/print/services/sparkline.ts'
import { fc } from '../../properties.ts'

test('a rate shows the digits that count, and is 0 only where nothing came', () => {
  const shown = [undefined, 0, 0.001, 0.05, 1.5, 9.999, 12.34, 99.96, 1234.5].map(rateOf)
  assert.deepEqual(shown, ['-', '0', '<0.01', '0.05', '1.5', '10', '12.3', '100', '1235'])
})

test('success is 100 % only where nothing failed, and 0 % only where all did', () => {
  const shown = [undefined, 100, 99.9999, 99.995, 95, 0.001, 0].map(successOf)
  assert.deepEqual(shown, ['-', '100 %', '99.99 %', '99.99 %', '95 %', '<0.01 %', '0 %'])
})

test('a duration is in milliseconds, and in seconds from one on', () => {
  const shown = [undefined, 0.5, 8.54, 17.5, 999.4, 999.6, 1250, 60_000].map(durationOf)
  assert.deepEqual(shown, ['-', '0.5ms', '8.5ms', '18ms', '999ms', '1s', '1.25s', '60s'])
})

test('a line of bars has one for each value, the highest at the highest, and a dot without data', () => {
  assert.equal(formatSparkline([0, 1, 4, 8, null]), '▁▁▄█·')
  assert.equal(formatSparkline([0, 0]), '▁▁')
  assert.equal(formatSparkline([null, null]), '')
  fc.assert(
    fc.property(
      fc.array(fc.option(fc.double({ min: 0, max: 1e9, noNaN: true })), { minLength: 1 }),
      values => {
        const line = formatSparkline(values)
        const most = Math.max(...values.map(value => value ?? 0))
        if (values.some(value => value !== null)) assert.equal([...line].length, values.length)
        assert.equal(line.includes('█'), most > 0)
        assert.match(line, /^[▁▂▃▄▅▆▇█·]*$/)
      },
    ),
  )
})
