import { escaped } from '../../shared/objects/text/escaped.ts'
import { formatData, type DataFormat } from './data.ts'
import type { KubeObject, Ref } from '../../shared/objects/kube-object.ts'
import { apiKindOf, refOf, resources } from '../../shared/objects/kinds.ts'

/** A ref as kubectl's `-o name` writes it: `virtualservice.networking.istio.io/catalog`. */
export function formatName({ kind, name }: Ref): string {
  const { group } = resources[kind]
  return `${apiKindOf(kind).toLowerCase()}${group === '' ? '' : `.${group}`}/${escaped(name)}`
}

/** One object as it is, any other number as a `List`: what kubectl prints. */
export const listOf = (objects: readonly KubeObject[]): unknown =>
  objects.length === 1
    ? objects[0]
    : { apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' }, items: objects }

/** Objects as `-o` asks for them. */
export async function formatObjects(
  objects: readonly KubeObject[],
  format: 'name' | DataFormat,
): Promise<string> {
  if (format === 'name') return objects.map(object => formatName(refOf(object))).join('\n')
  return formatData(listOf(objects), objects, format)
}
