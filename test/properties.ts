import fc from 'fast-check'

/** The seed of all property tests, so that a run can be repeated; `PROPERTY_SEED=random` looks for new counterexamples, and a number repeats that run. */
const seed = process.env['PROPERTY_SEED'] ?? '20260721'
if (seed !== 'random') fc.configureGlobal({ seed: Number(seed) })

export { fc }
