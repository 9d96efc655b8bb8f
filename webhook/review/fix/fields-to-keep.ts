import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { formatValue } from '../../../shared/objects/paths.ts'
import { exportAnnotation } from '../../../shared/providers/istio/resolve/objects/providers.ts'
import { formatPath, type Path } from '../../../shared/rules/rule.ts'
import type { Change } from '../../../shared/view/change.ts'
import { selectorOfReleased } from '../../../shared/workloads/pods/kept-pods.ts'
import { fieldsOf, itemsOf, numberOf, textOf } from '../../../shared/objects/unchecked.ts'

type SpecFields = ReturnType<typeof fieldsOf>

/**
 * The fields that an update removes or changes and that routes may depend on, each as the line that keeps it:
 * `spec.selector: {"app":"catalog"}`, or `an item of spec.subsets: {"name":"v2",…}`.
 */
export function fieldsToKeep(before: KubeObject, after: KubeObject): readonly string[] {
  const [was, is] = [specOf(before), specOf(after)]
  switch (before.kind) {
    case 'DestinationRule':
      return [...fieldLines(was, is, ['host', 'exportTo', 'workloadSelector']), ...subsetLines(was, is)]
    case 'Service':
      return [
        ...exportLines(before, after),
        ...fieldLines(was, is, ['type', 'externalName', 'selector']),
        ...portLines(was, is),
      ]
    case 'ReferenceGrant':
      return fieldLines(was, is, ['from', 'to'])
    default:
      return [
        ...labelLines(was, is),
        ...(isReleasing({ before, after }) ? fieldLines(was, is, keepingFields) : []),
      ]
  }
}

/** By these a workload keeps back its pods. */
const keepingFields = ['paused', 'updateStrategy'] as const

const isReleasing = (change: Change): boolean => selectorOfReleased(change) !== undefined

/** The ports that a Service has both before and after, by number and protocol. */
export function remainingPorts(before: KubeObject, after: KubeObject): readonly number[] {
  const is = portsOf(specOf(after))
  return portsOf(specOf(before)).flatMap(port => {
    const number = numberOf(port['port'])
    return number !== undefined && is.some(other => isSamePort(other, port)) ? [number] : []
  })
}

/** Whether a port that a Service had is gone. */
export const losesPort = (before: KubeObject, after: KubeObject): boolean =>
  remainingPorts(before, after).length < portsOf(specOf(before)).length

/** The ports that a Service has before and after, declared otherwise now: by name, protocol or appProtocol. */
export function redeclaredPorts(before: KubeObject, after: KubeObject): readonly number[] {
  const [was, is] = [portsOf(specOf(before)), portsOf(specOf(after))]
  return was.flatMap(port => {
    const [number, found] = [numberOf(port['port']), nowOf(port, { was, is })]
    return number !== undefined && found !== undefined && !isDeclaredAlike(port, found) ? [number] : []
  })
}

const specOf = (object: KubeObject): SpecFields => fieldsOf(Reflect.get(object, 'spec'))

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

const line = (path: Path, value: unknown): string =>
  value === undefined ? `no ${formatPath(path)}` : `${formatPath(path)}: ${formatValue(value)}`

const fieldLines = (was: SpecFields, is: SpecFields, keys: readonly string[]): readonly string[] =>
  keys.flatMap(key => (isSame(was[key], is[key]) ? [] : [line(['spec', key], was[key])]))

function subsetLines(was: SpecFields, is: SpecFields): readonly string[] {
  const reduced = (spec: SpecFields): readonly { readonly name: unknown; readonly labels: unknown }[] =>
    itemsOf(spec['subsets']).map(item => ({ name: fieldsOf(item)['name'], labels: fieldsOf(item)['labels'] }))
  const now = reduced(is)
  return reduced(was).flatMap(subset =>
    now.some(other => isSame(other, subset)) ? [] : [`an item of spec.subsets: ${JSON.stringify(subset)}`],
  )
}

function exportLines(before: KubeObject, after: KubeObject): readonly string[] {
  const [was, is] = [before, after].map(({ metadata }) =>
    textOf(fieldsOf(metadata.annotations)[exportAnnotation]),
  )
  return was === is ? [] : [line(['metadata', 'annotations', exportAnnotation], was)]
}

const portFields = ['name', 'port', 'targetPort', 'protocol', 'appProtocol'] as const

const portsOf = (spec: SpecFields): readonly SpecFields[] => itemsOf(spec['ports']).map(fieldsOf)

const protocolOf = (port: SpecFields): string => textOf(port['protocol']) ?? 'TCP'

/** A Service may have one number for TCP and for UDP, as with HTTP/3. */
const isSamePort = (a: SpecFields, b: SpecFields): boolean =>
  a['port'] === b['port'] && protocolOf(a) === protocolOf(b)

const isDeclaredAlike = (a: SpecFields, b: SpecFields): boolean =>
  isSamePort(a, b) && (['name', 'appProtocol'] as const).every(key => isSame(a[key], b[key]))

interface PortLists {
  readonly was: readonly SpecFields[]
  readonly is: readonly SpecFields[]
}

/** What a port is now: that of its number and protocol, or a new one of its number. */
const nowOf = (port: SpecFields, { was, is }: PortLists): SpecFields | undefined =>
  is.find(other => isSamePort(other, port))
  ?? is.find(other => other['port'] === port['port'] && !was.some(each => isSamePort(each, other)))

/** Ports that are removed, under a name that no other port has now, and ports that are declared otherwise. */
function portLines(was: SpecFields, is: SpecFields): readonly string[] {
  const lists = { was: portsOf(was), is: portsOf(is) }
  const names = new Set(lists.is.map(({ name }) => name))
  return lists.was.flatMap(port => {
    const found = nowOf(port, lists)
    if (found !== undefined) return isDeclaredAlike(found, port) ? [] : [portLine(port)]
    const name = textOf(port['name']) ?? 'port'
    return [
      portLine({
        ...port,
        name: names.has(name) || name === 'port' ? `${name.slice(0, 9)}-${String(port['port'])}` : name,
      }),
    ]
  })
}

const portLine = (port: SpecFields): string =>
  `an item of spec.ports: ${JSON.stringify(Object.fromEntries(portFields.map(key => [key, port[key]])))}`

function labelLines(was: SpecFields, is: SpecFields): readonly string[] {
  const of = (spec: SpecFields): SpecFields =>
    fieldsOf(fieldsOf(fieldsOf(spec['template'])['metadata'])['labels'])
  const now = of(is)
  return Object.entries(of(was)).flatMap(([key, value]) =>
    now[key] === value ? [] : [line(['spec', 'template', 'metadata', 'labels', key], value)],
  )
}
