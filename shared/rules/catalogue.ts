import type { AnyRule } from './rule.ts'

/** Every rule, in the order in which they are documented and reported. */
export const catalogue: readonly AnyRule[] = []
