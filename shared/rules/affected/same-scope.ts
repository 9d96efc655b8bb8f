import { isKind, kindOf, type Kind } from '../../objects/kinds.ts'
import type { KubeObject } from '../../objects/kube-object.ts'
import { isFields } from '../../objects/unchecked.ts'
import type { VirtualService } from '../../objects/virtual-service.ts'
import { keepingOf } from '../../workloads/pods/kept-pods.ts'
import { podVariantsOf } from '../../workloads/workload-indexes.ts'
import { routingOf } from '../../providers/istio/resolve/objects/routes.ts'
import type { Change } from '../../view/change.ts'

/**
 * Whether the objects that a change may affect are the same on both sides of it and by both states of its object, so
 * that `affected` need not be asked four times. It depends on the names and labels by which the object is found and
 * finds others; most changes of routes and workloads, such as other weights, subsets, matches or images, alter none.
 */
export function hasSameScope({ before, after }: Change): boolean {
  if (before === undefined || after === undefined) return false
  if (isKind('VirtualService', before) && isKind('VirtualService', after))
    return isSameAsWritten(before.spec, after.spec) || isSameList(scopeOf(before), scopeOf(after))
  return (
    plainWorkloads.has(kindOf(after))
    // Its pods may be found by labels that are not in its template.
    && [before, after].every(object => keepingOf(object) === undefined)
    && isSameList(labelsOfPods(before), labelsOfPods(after))
  )
}

/** Fields of routes and matches in which no name is written by which anything is found. */
const nameless: ReadonlySet<string> = new Set(
  (
    'weight timeout retries fault corsPolicy rewrite headers '
    + 'uri scheme method authority withoutHeaders queryParams ignoreUriCase'
  ).split(' '),
)

/** Whether two values are the same except for nameless fields: most changes are, and to compare them reads no routes. */
function isSameAsWritten(one: unknown, other: unknown): boolean {
  if (one === other) return true
  if (Array.isArray(one))
    return (
      Array.isArray(other)
      && one.length === other.length
      && one.every((item, i) => isSameAsWritten(item, other[i]))
    )
  if (!isFields(one) || !isFields(other)) return false
  return (
    Object.keys(one).every(
      key => nameless.has(key) || (Object.hasOwn(other, key) && isSameAsWritten(one[key], other[key])),
    ) && Object.keys(other).every(key => nameless.has(key) || Object.hasOwn(one, key))
  )
}

/** Workloads that borrow no template, and whose name is no label of their pods. */
const plainWorkloads: ReadonlySet<Kind | undefined> = new Set(['Deployment', 'StatefulSet', 'DaemonSet'])

/** Every name in a VirtualService by which it is indexed, or something is looked up, in an order of its own. */
function scopeOf(object: VirtualService): readonly string[] {
  const { hosts, gateways, exportTo, routes } = routingOf(object)
  const found = new Set<string>()
  for (const { delegate, targets, conditions } of routes) {
    if (delegate !== undefined) found.add(`delegate ${delegate.namespace}/${delegate.name}`)
    for (const { host, namespace } of targets) found.add(`to ${namespace}/${host}`)
    for (const { sourceNamespace } of conditions)
      if (sourceNamespace !== undefined) found.add(`from ${sourceNamespace}`)
  }
  return [
    ...hosts.map(host => `for ${host}`),
    ...gateways.map(name => `by ${name}`),
    ...[...exportTo].map(name => `to clients in ${name}`),
    ...found,
  ]
}

const labelsOfPods = (object: KubeObject): readonly string[] =>
  podVariantsOf(object).flatMap(({ labels }) => Object.entries(labels).flat())

const isSameList = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((item, i) => item === other[i])
