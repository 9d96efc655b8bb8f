import { readSimple } from '../shared/manifests/yaml/read-simple.ts'
import { valueOf } from '../shared/manifests/yaml/value.ts'

/** The data in a text of YAML. A kubeconfig is hardly ever more than the fast reader knows; the package is loaded for the rest. */
export async function readYaml(text: string): Promise<unknown> {
  const node = readSimple(text)
  if (node !== undefined) return valueOf(node)
  const { parse } = await import('yaml')
  return parse(text)
}
