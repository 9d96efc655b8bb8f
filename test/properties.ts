import fc from 'fast-check'

/** The seed of all property tests, so that a run can be repeated; `PROPERTY_SEED=random` looks for new counterexamples, and a number repeats that run. */
const seed = process.env['PROPERTY_SEED'] ?? '20260721'
if (seed !== 'random') fc.configureGlobal({ seed: Number(seed) })

/** Words that mean something in an object of JavaScript, which code that keeps values by name may trip over. */
const names = fc.constantFrom(
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'length',
  '__defineGetter__',
)

/** Any code point but halves of surrogate pairs. */
const character = fc
  .oneof(
    { weight: 1, arbitrary: fc.integer({ min: 0x20, max: 0x7e }) },
    { weight: 2, arbitrary: fc.integer({ min: 0, max: 0xffff - 0x800 }) },
    { weight: 1, arbitrary: fc.integer({ min: 0x10000 - 0x800, max: 0x10ffff - 0x800 }) },
  )
  .map(number => String.fromCodePoint(number < 0xd800 ? number : number + 0x800))

/**
 * Any text of so many characters at most, controls and those that are not assigned as well. `fc.string({ unit: 'binary' })` is the same, but makes
 * tables of all of Unicode, which take a second in each process.
 */
export const anyText = (maxLength?: number): fc.Arbitrary<string> =>
  fc.oneof(
    {
      weight: 19,
      arbitrary: fc.array(character, maxLength === undefined ? {} : { maxLength }).map(all => all.join('')),
    },
    { weight: 1, arbitrary: names.map(name => name.slice(0, maxLength)) },
  )

export { fc }
