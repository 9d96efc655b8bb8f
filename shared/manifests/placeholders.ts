import type { KubeObject } from '../objects/kube-object.ts'

/** Subtrees whose text is for others: templates of Vault and Prometheus, the words of containers. */
const foreign = new Set(['annotations', 'containers', 'initContainers', 'volumes', 'data', 'binaryData'])

/**
 * What makes an object a template that cannot be judged yet: `{{ … }}` anywhere, or a name that is still to
 * be filled in.
 */
export const templateIn = (object: KubeObject): string | undefined =>
  placeholderIn(object, braces) ?? placeholderIn([object.metadata.name, object.metadata.namespace], variable)

/** The first variable that is still to be filled in, such as `${DOMAIN}`. */
export const variableIn = (object: KubeObject): string | undefined => placeholderIn(object, variable)

const braces = /\{\{.*?(?:\}\}|$)/s
const variable = /\$\{[A-Za-z_][^}]*\}?|^\$[A-Za-z_]\w*$/

function placeholderIn(value: unknown, form: RegExp): string | undefined {
  if (typeof value === 'string') return form.exec(value)?.[0]
  if (typeof value !== 'object' || value === null) return undefined
  for (const [key, inner] of Object.entries(value)) {
    const found = foreign.has(key) ? undefined : placeholderIn(inner, form)
    if (found !== undefined) return found
  }
  return undefined
}
