import { isEqual } from '../../../../objects/content/equal.ts'
import type { BackendRef } from '../../../../objects/gateway-api.ts'
import { weightOf } from '../../resolve/routes.ts'

/** A backend, and how much it gets in proportion to the others. */
export interface WeighedBackend {
  readonly backend: BackendRef
  readonly proportion: number
}

/** The backends of one Service, and what part of the requests they get together. */
export interface BackendsOfHost {
  readonly percent: number
  readonly backends: readonly WeighedBackend[]
}

const fieldsBut = ({ weight: _, ...fields }: BackendRef): Omit<BackendRef, 'weight'> => fields
const isSame = (one: BackendRef, other: BackendRef): boolean => isEqual(fieldsBut(one), fieldsBut(other))

/**
 * How the backends of one Service divide its requests: by their weights; where all are 0 by those from before the
 * canary, else in equal parts. Those that say the same are one.
 */
export function proportionsOf(
  backends: readonly BackendRef[],
  before: readonly BackendRef[] = [],
): readonly WeighedBackend[] {
  const distinct = backends.filter((each, i) => backends.findIndex(other => isSame(each, other)) === i)
  const sumIn = (all: readonly BackendRef[], backend: BackendRef): number =>
    all.filter(each => isSame(each, backend)).reduce((sum, each) => sum + weightOf(each), 0)
  for (const all of [backends, before]) {
    const weighed = distinct.map(backend => ({ backend, proportion: sumIn(all, backend) }))
    if (weighed.some(({ proportion }) => proportion > 0)) return weighed
  }
  return distinct.map(backend => ({ backend, proportion: 1 }))
}

/** The most that the Gateway API takes (https://gateway-api.sigs.k8s.io/reference/spec/#httpbackendref). */
const greatestWeight = 1_000_000

/**
 * The weights of all backends: their percent, or a multiple of it where the proportions need one to be whole numbers.
 * Undefined where one would be greater than the API allows.
 */
export function weighedBackends(all: readonly BackendsOfHost[]): readonly WeighedBackend[] | undefined {
  const totals = all.map(({ backends }) => backends.reduce((sum, { proportion }) => sum + proportion, 0))
  const factors = all.map(({ percent, backends }, i) => {
    const total = totals[i]!
    return total / backends.reduce((found, { proportion }) => divisor(found, percent * proportion), total)
  })
  const factor = factors.reduce((one, other) => (one * other) / divisor(one, other), 1)
  const weighed = all.flatMap(({ percent, backends }, i) =>
    backends.map(({ backend, proportion }) => ({
      backend,
      proportion: (factor * percent * proportion) / totals[i]!,
    })),
  )
  return weighed.every(({ proportion }) => proportion <= greatestWeight) ? weighed : undefined
}

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b))
