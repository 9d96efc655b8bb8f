import type { Labels } from '../../objects/kube-object.ts'

/**
 * The labels that a subset of this name should select: as its siblings do, with the part of the name that varies
 * (beside `version-v1` → `version: v1`, `version-v3` is `version: v3`), else a label of the workloads whose value the
 * name is or ends in, else `version`.
 */
export function labelsFor(
  name: string,
  siblings: ReadonlyMap<string, Labels>,
  workloads: readonly Labels[],
): Labels {
  for (const [sibling, labels] of siblings) {
    const derived = likeSibling(name, sibling, labels)
    if (derived !== undefined) return derived
  }
  const keys = [...siblings.values()].map(Object.keys).find(each => each.length === 1)
  return keys === undefined
    ? likeWorkload(name, workloads)
    : { [keys[0]!]: valueIn(name, keys[0]!, workloads) }
}

/** The sibling's labels with the part that its name shares with their values replaced; undefined where there is none. */
function likeSibling(name: string, sibling: string, labels: Labels): Labels | undefined {
  const shared = Object.values(labels).filter(value => value !== '' && sibling.includes(value))
  const [value] = shared.toSorted((a, b) => b.length - a.length)
  if (value === undefined) return undefined
  const at = sibling.lastIndexOf(value)
  const [before, after] = [sibling.slice(0, at), sibling.slice(at + value.length)]
  if (!name.startsWith(before) || !name.endsWith(after) || name.length <= before.length + after.length)
    return undefined
  const own = name.slice(before.length, name.length - after.length)
  // `catalog-2` beside `catalog1` of version 1: no label has the value `-2`.
  if (!/^[a-zA-Z0-9](?:.*[a-zA-Z0-9])?$/.test(own)) return undefined
  return Object.fromEntries(Object.entries(labels).map(([key, was]) => [key, was === value ? own : was]))
}

function likeWorkload(name: string, workloads: readonly Labels[]): Labels {
  const spoken = workloads.flatMap(labels =>
    Object.entries(labels).filter(([, value]) => speaksOf(name, value)),
  )
  const [key, value] =
    spoken.find(([each]) => each === 'version') ?? spoken.toSorted(([a], [b]) => (a < b ? -1 : 1))[0] ?? []
  return key === undefined ? { version: withoutKey(name, 'version') } : { [key]: value! }
}

/** A value of the workloads that the name contains; else the name, without the key before it. */
const valueIn = (name: string, key: string, workloads: readonly Labels[]): string =>
  workloads.flatMap(labels => labels[key] ?? []).find(value => speaksOf(name, value)) ?? withoutKey(name, key)

const speaksOf = (name: string, value: string): boolean =>
  value !== '' && (name === value || ['-', '_', '.'].some(mark => name.endsWith(`${mark}${value}`)))

const withoutKey = (name: string, key: string): string =>
  name.startsWith(`${key}-`) && name.length > key.length + 1 ? name.slice(key.length + 1) : name
