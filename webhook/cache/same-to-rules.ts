import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { isFields } from '../../shared/objects/unchecked.ts'

/** How two objects differ to rules: not at all, in positive weights of routes alone, or otherwise. */
export type RuleDifference = 'none' | 'weights' | 'other'

/** Metadata that no rule reads. */
const unread: ReadonlySet<string> = new Set(['managedFields', 'resourceVersion', 'generation'])
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'
/** Far from where Istio's sums of weights overflow. */
const mostWeight = 1_000

/** The part of an object that can matter to rules, to be kept for `differenceOf`. */
export function readByRules(object: KubeObject): KubeObject {
  const metadata = Object.fromEntries(Object.entries(object.metadata).filter(([key]) => !unread.has(key)))
  const { annotations } = object.metadata
  if (annotations?.[lastApplied] !== undefined) {
    const { [lastApplied]: _, ...others } = annotations
    Object.assign(metadata, { annotations: others })
  }
  return { ...object, metadata } as KubeObject
}

/** How two states of one object differ to rules; the first was returned by `readByRules`. */
export function differenceOf(known: KubeObject | undefined, object: KubeObject | undefined): RuleDifference {
  if (known === undefined || object === undefined) return known === object ? 'none' : 'other'
  const { metadata, spec, ...rest } = known as unknown as Fields
  const { metadata: ownMetadata, spec: ownSpec, ...ownRest } = object as unknown as Fields
  if (!isSame(rest, ownRest) || !isSameMetadata(metadata, ownMetadata)) return 'other'
  return isSame(spec, ownSpec)
    ? 'none'
    : object.kind === 'VirtualService' && isSame(spec, ownSpec, weightsOfSpec)
      ? 'weights'
      : 'other'
}

type Fields = Readonly<Record<string, unknown>>

function isSameMetadata(known: unknown, own: unknown): boolean {
  if (!isFields(known) || !isFields(own)) return known === own
  const { annotations, ...rest } = known
  let count = 0
  for (const [key, value] of Object.entries(own)) {
    if (unread.has(key) || key === 'annotations') continue
    count++
    if (!isSame(rest[key], value)) return false
  }
  return (
    count === Object.keys(rest).length && isSame(annotations ?? {}, withoutLastApplied(own['annotations']))
  )
}

function withoutLastApplied(annotations: unknown): unknown {
  if (!isFields(annotations)) return annotations ?? {}
  const { [lastApplied]: _, ...others } = annotations
  return others
}

/** Where in a value positive weights need not be equal; `items` is for each item of a list. */
type Loose = 'weight' | { readonly items?: Loose; readonly [key: string]: Loose | undefined }

const routes: Loose = { items: { route: { items: { weight: 'weight' } } } }
const weightsOfSpec: Loose = { http: routes, tcp: routes, tls: routes }

function isSame(one: unknown, other: unknown, loose?: Loose): boolean {
  if (one === other) return true
  if (loose === 'weight') return isPositiveWeight(one) && isPositiveWeight(other)
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false
  return Array.isArray(one)
    ? isSameList(one, other, loose?.items)
    : !Array.isArray(other) && isSameFields(one as Fields, other as Fields, loose)
}

const isSameList = (one: readonly unknown[], other: unknown, loose: Loose | undefined): boolean =>
  Array.isArray(other) && one.length === other.length && one.every((item, i) => isSame(item, other[i], loose))

function isSameFields(one: Fields, other: Fields, loose: Exclude<Loose, 'weight'> | undefined): boolean {
  const keys = Object.keys(one)
  return (
    keys.length === Object.keys(other).length
    && keys.every(
      key =>
        Object.hasOwn(other, key) && isSame(one[key], other[key], key === 'items' ? undefined : loose?.[key]),
    )
  )
}

const isPositiveWeight = (value: unknown): boolean =>
  Number.isInteger(value) && (value as number) > 0 && (value as number) <= mostWeight
