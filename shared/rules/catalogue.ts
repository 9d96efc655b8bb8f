import type { AnyRule } from './rule.ts'
import { istioRejects } from './istio/istio-rejects.ts'
import { ineffectiveWeight } from './weights/ineffective-weight.ts'
import { invalidWeight } from './weights/invalid-weight.ts'
import { missingWeight } from './weights/missing-weight.ts'
import { repeatedDestination } from './weights/repeated-destination.ts'
import { weightsSumTo100 } from './weights/weights-sum-to-100.ts'

/** Every rule, in the order in which they are documented and reported. */
export const catalogue: readonly AnyRule[] = [
  weightsSumTo100, invalidWeight, ineffectiveWeight, missingWeight, repeatedDestination,
  ...istioRejects,
]
