import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { formatValue } from '../../../shared/objects/paths.ts'
import { exportAnnotation } from '../../../shared/providers/istio/resolve/objects/providers.ts'
import { formatPath, type Path } from '../../../shared/rules/rule.ts'
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
      return [...fields(was, is, ['host', 'exportTo', 'workloadSelector']), ...subsets(was, is)]
    case 'Service':
      return [
        ...exported(before, after),
        ...fields(was, is, ['type', 'externalName', 'selector']),
        ...ports(was, is),
      ]
    case 'ReferenceGrant':
      return fields(was, is, ['from', 'to'])
    default:
      return labels(was, is)
  }
}

/** The ports that a Service has both before and after. */
export function remainingPorts(before: KubeObject, after: KubeObject): readonly number[] {
  const [was, is] = [before, after].map(object =>
    itemsOf(specOf(object)['ports']).map(item => numberOf(fieldsOf(item)['port'])),
  )
  return was!.filter(port => port !== undefined && is!.includes(port)) as readonly number[]
}

/** The ports that a Service has before and after, declared otherwise now: by name, protocol or appProtocol. */
export function redeclaredPorts(before: KubeObject, after: KubeObject): readonly number[] {
  const [was, is] = [before, after].map(object => itemsOf(specOf(object)['ports']).map(fieldsOf))
  return remainingPorts(before, after).filter(number => {
    const [one, other] = [was!, is!].map(ports => ports.find(({ port }) => port === number))
    return ['name', 'protocol', 'appProtocol'].some(key => !isSame(one?.[key], other?.[key]))
  })
}

const specOf = (object: KubeObject): SpecFields => fieldsOf(Reflect.get(object, 'spec'))

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

const line = (path: Path, value: unknown): string =>
  value === undefined ? `no ${formatPath(path)}` : `${formatPath(path)}: ${formatValue(value)}`

const fields = (was: SpecFields, is: SpecFields, keys: readonly string[]): readonly string[] =>
  keys.flatMap(key => (isSame(was[key], is[key]) ? [] : [line(['spec', key], was[key])]))

function subsets(was: SpecFields, is: SpecFields): readonly string[] {
  const reduced = (spec: SpecFields): readonly { readonly name: unknown; readonly labels: unknown }[] =>
    itemsOf(spec['subsets']).map(item => ({ name: fieldsOf(item)['name'], labels: fieldsOf(item)['labels'] }))
  const now = reduced(is)
  return reduced(was).flatMap(subset =>
    now.some(other => isSame(other, subset)) ? [] : [`an item of spec.subsets: ${JSON.stringify(subset)}`],
  )
}

function exported(before: KubeObject, after: KubeObject): readonly string[] {
  const [was, is] = [before, after].map(({ metadata }) =>
    textOf(fieldsOf(metadata.annotations)[exportAnnotation]),
  )
  return was === is ? [] : [line(['metadata', 'annotations', exportAnnotation], was)]
}

const portFields = ['name', 'port', 'targetPort', 'protocol', 'appProtocol'] as const

/** Ports that are removed, under a name that no other port has now, and ports that are renamed. */
function ports(was: SpecFields, is: SpecFields): readonly string[] {
  const now = itemsOf(is['ports']).map(fieldsOf)
  const names = new Set(now.map(({ name }) => name))
  return itemsOf(was['ports'])
    .map(fieldsOf)
    .flatMap(port => {
      const found = now.find(other => other['port'] === port['port'])
      if (found !== undefined)
        return (['name', 'appProtocol'] as const).every(key => isSame(found[key], port[key]))
          ? []
          : [item(port)]
      const name = textOf(port['name']) ?? 'port'
      return [
        item({
          ...port,
          name: names.has(name) || name === 'port' ? `${name.slice(0, 9)}-${String(port['port'])}` : name,
        }),
      ]
    })
}

const item = (port: SpecFields): string =>
  `an item of spec.ports: ${JSON.stringify(Object.fromEntries(portFields.flatMap(key => (port[key] === undefined ? [] : [[key, port[key]]]))))}`

function labels(was: SpecFields, is: SpecFields): readonly string[] {
  const of = (spec: SpecFields): SpecFields =>
    fieldsOf(fieldsOf(fieldsOf(spec['template'])['metadata'])['labels'])
  const now = of(is)
  return Object.entries(of(was)).flatMap(([key, value]) =>
    now[key] === value ? [] : [line(['spec', 'template', 'metadata', 'labels', key], value)],
  )
}
