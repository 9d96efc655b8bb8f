import type { KubeObject } from '../objects/kube-object.ts'
import type { Path } from '../objects/paths.ts'
import type { Placeholder } from '../view/sources.ts'

/** Subtrees whose text is for others: templates of Vault and Prometheus, the words of containers. */
const foreign = new Set(['annotations', 'containers', 'initContainers', 'volumes', 'data', 'binaryData'])
/** Paths and patterns of requests: OData has `/$metadata`, so only capitals are a variable there. */
const requestTexts = new Set(['exact', 'prefix', 'regex', 'uri', 'rewrite', 'match', 'substitution'])

const braces = /\{\{.*?(?:\}\}|$)/s
/** envsubst and Flux have `${NAME}`, kustomize's vars `$(NAME)`, envsubst also `$NAME` within a word. */
const variables = /\$\{[A-Za-z_][^{}]*\}?|\$\([A-Za-z_][\w.-]*\)|\$[A-Za-z_]\w*/g
const variablesOfRequests = /\$\{[A-Za-z_][^{}]*\}?|\$\([A-Z_][\w.-]*\)|\$[A-Z_][A-Z0-9_]*/g
/** What kustomize's replacements fill in, by a habit of Kubeflow's. */
const habit = /(?<![A-Za-z0-9])(?:[A-Z0-9]+_)*PLACEHOLDER(?:_[A-Z0-9]+)*(?![A-Za-z0-9])/g

/** What makes an object a template that is not read at all: `{{ … }}` anywhere. */
export function templateIn(object: KubeObject): string | undefined {
  for (const { value, path } of textsIn(object, [])) {
    const found = path.some(step => foreign.has(String(step))) ? undefined : braces.exec(value)?.[0]
    if (found !== undefined) return found
  }
  return undefined
}

/**
 * The fields of an object whose values are still to be filled in, in their order. `X_PLACEHOLDER` counts only
 * in the folder of a kustomization, which is where something fills it in.
 */
export const placeholdersIn = (object: KubeObject, isKustomized: boolean): readonly Placeholder[] =>
  [...textsIn(object, [])].flatMap(({ path, value }) => {
    if (isForeign(path)) return []
    const isOfRequests = path.some(step => requestTexts.has(String(step)))
    const texts = [
      ...value.matchAll(isOfRequests ? variablesOfRequests : variables),
      ...(isKustomized ? value.matchAll(habit) : []),
    ].map(([text]) => text)
    return texts.length === 0 ? [] : [{ path, texts: [...new Set(texts)] }]
  })

/** Annotations are for others, except for the one that says who sees a Service. */
const isForeign = (path: Path): boolean =>
  path.some(step => foreign.has(String(step))) && path.at(-1) !== 'networking.istio.io/exportTo'

interface Text {
  readonly path: Path
  readonly value: string
}

/** Every text below a value; the keys of mappings are texts at the place of what they name. */
function* textsIn(value: unknown, path: Path): Generator<Text> {
  if (typeof value === 'string') yield { path, value }
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) {
    const place = [...path, Array.isArray(value) ? Number(key) : key]
    if (key.includes('$') || key.includes('PLACEHOLDER')) yield { path: place, value: key }
    yield* textsIn(inner, place)
  }
}
