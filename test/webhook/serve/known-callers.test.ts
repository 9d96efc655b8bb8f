import assert from 'node:assert/strict'
import test from 'node:test'
import { fc } from '../../properties.ts'
import { addressesIn, knownCallers } from '../../../webhook/serve/known-callers.ts'

test('an address is known within a range and not within its exceptions, also as a socket of both families writes it', () => {
  const isKnown = addressesIn('10.0.0.0/8!10.1.0.0/16!10.2.0.1, 192.0.2.7, 2001:db8::/32, 10.1.5.0/24')
  for (const address of ['10.0.0.1', '::ffff:10.0.0.1', '192.0.2.7', '2001:db8::1', '10.1.5.9', '10.2.0.2'])
    assert.equal(isKnown(address), true, address)
  for (const address of [
    '10.1.0.1',
    '::ffff:10.1.0.1',
    '10.2.0.1',
    '192.0.2.8',
    '2001:db9::1',
    '::1',
    undefined,
  ])
    assert.equal(isKnown(address), false, address)
})

test('a range holds the addresses with the same first bits, and no other', () => {
  const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255))
  const bitsOf = (address: readonly number[]): string =>
    address.map(octet => octet.toString(2).padStart(8, '0')).join('')
  fc.assert(
    fc.property(octets, octets, fc.integer({ min: 0, max: 32 }), (range, address, bits) => {
      const isWithin = bitsOf(range).slice(0, bits) === bitsOf(address).slice(0, bits)
      assert.equal(addressesIn(`${range.join('.')}/${bits}`)(address.join('.')), isWithin)
    }),
  )
})

test('what is no range is a mistake of the options', () => {
  for (const text of [
    '',
    '10.0.0.0/33',
    '10.0.0',
    'shop',
    '10.0.0.0/8/8',
    '10.0.0.0/',
    '::1/129',
    '10.0.0.1,',
    '1.1.1.1!x',
  ])
    assert.throws(() => addressesIn(text), { code: 'usage' }, text)
})

test('a caller is known by its certificate or by its address', () => {
  const isKnown = knownCallers(addressesIn('10.0.0.1'))
  for (const [authorized, remoteAddress, expected] of [
    [true, '10.0.0.2', true],
    [false, '10.0.0.1', true],
    [false, '10.0.0.2', false],
  ] as const)
    assert.equal(isKnown({ authorized, remoteAddress }), expected)
})
