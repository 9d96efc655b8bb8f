import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { isFields } from '../../shared/objects/unchecked.ts'
import { keptOfHttpRoute } from './kept-fields.ts'

/**
 * How two objects differ to rules: not at all, in positive weights of routes alone, also in what Istio's validation alone
 * reads of http routes (their timeouts) and in what their matches require of a request, or otherwise.
 */
export type RuleDifference = (typeof differences)[number]
const differences = ['none', 'weights', 'details', 'other'] as const
const [none, weights, details, other] = [0, 1, 2, 3] as const
type Degree = typeof none | typeof weights | typeof details | typeof other

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
  return differences[degreeOf(spec, ownSpec, object.kind === 'VirtualService' ? routingSpec : undefined)]
}

/** The heavier of two differences; the second is asked for where it matters. */
export function heavier(one: RuleDifference, second: () => RuleDifference): RuleDifference {
  if (one === 'other') return one
  return differences[Math.max(differences.indexOf(one), differences.indexOf(second()))]!
}

type Fields = Readonly<Record<string, unknown>>

function isSameMetadata(known: unknown, own: unknown): boolean {
  if (!isFields(known) || !isFields(own)) return known === own
  for (const key in own)
    if (!unread.has(key) && key !== 'annotations' && !isSame(known[key], own[key])) return false
  for (const key in known)
    if (known[key] !== undefined && key !== 'annotations' && !Object.hasOwn(own, key)) return false
  return isSame(known['annotations'] ?? {}, withoutLastApplied(own['annotations']))
}

function withoutLastApplied(annotations: unknown): unknown {
  if (!isFields(annotations)) return annotations ?? {}
  const { [lastApplied]: _, ...others } = annotations
  return others
}

/** A place in a value where not every difference is one to every rule. */
interface Place {
  readonly isWeight?: true
  readonly items?: Place
  readonly fields?: Readonly<Record<string, Place>>
  /** The fields that only Istio's validation reads, or rules that a match hides no route from. */
  readonly isDetail?: (key: string) => boolean
}

const weighted: Place = { items: { fields: { weight: { isWeight: true } } } }
const l4Routes: Place = { items: { fields: { route: weighted } } }
const request: ReadonlySet<string> = new Set([
  'uri',
  'ignoreUriCase',
  'scheme',
  'method',
  'authority',
  'headers',
  'withoutHeaders',
  'queryParams',
])
const httpRoutes: Place = {
  items: {
    fields: { route: weighted, match: { items: { isDetail: key => request.has(key) } } },
    isDetail: key => !Object.hasOwn(keptOfHttpRoute, key),
  },
}
const routingSpec: Place = { fields: { http: httpRoutes, tcp: l4Routes, tls: l4Routes } }

function degreeOf(one: unknown, another: unknown, place: Place | undefined): Degree {
  if (one === another) return none
  if (place?.isWeight === true) return isPositiveWeight(one) && isPositiveWeight(another) ? weights : other
  if (Array.isArray(one)) return Array.isArray(another) ? degreeOfLists(one, another, place?.items) : other
  return isFields(one) && isFields(another) ? degreeOfFields(one, another, place) : other
}

const isSame = (one: unknown, another: unknown): boolean => degreeOf(one, another, undefined) === none

function degreeOfLists(
  one: readonly unknown[],
  another: readonly unknown[],
  place: Place | undefined,
): Degree {
  if (one.length !== another.length) return other
  let most: Degree = none
  for (let i = 0; i < one.length; i++) {
    const degree = degreeOf(one[i], another[i], place)
    if (degree === other) return other
    if (degree > most) most = degree
  }
  return most
}

function degreeOfFields(one: Fields, another: Fields, place: Place | undefined): Degree {
  let most: Degree = none
  // Without lists of the keys, which would be a tenth of what a review allocates. What another object inherits is a
  // function, like no value of a field.
  for (const key in one) {
    const degree = degreeOf(one[key], another[key], place?.fields?.[key])
    if (degree === other && !isDetailOf(place, key)) return other
    if (degree > most) most = degree === other ? details : degree
  }
  for (const key in another) {
    if (another[key] === undefined || Object.hasOwn(one, key)) continue
    if (!isDetailOf(place, key)) return other
    most = details
  }
  return most
}

const isDetailOf = (place: Place | undefined, key: string): boolean => place?.isDetail?.(key) === true

const isPositiveWeight = (value: unknown): boolean =>
  Number.isInteger(value) && (value as number) > 0 && (value as number) <= mostWeight
