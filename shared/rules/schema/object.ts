import { quotedName } from '../../objects/text/escaped.ts'
import type { KubeObject } from '../../objects/kube-object.ts'
import type { Fault } from './fault.ts'
import type { KindSchema } from './schema.ts'

const topFields = new Set(['apiVersion', 'kind', 'metadata', 'spec', 'status'])

/** What the API server refuses of an object besides its spec. */
export function* checkObject(object: KubeObject, { versions, specRequired }: KindSchema): Iterable<Fault> {
  const version = object.apiVersion.slice(object.apiVersion.indexOf('/') + 1)
  if (!versions.includes(version))
    yield {
      path: ['apiVersion'],
      message: `${quotedName(object.apiVersion)} is not served; use ${versions.join(', ')}`,
    }
  for (const key of Object.keys(object)) {
    if (!topFields.has(key))
      yield { path: [key], message: 'is not a field of any Kubernetes object', about: 'unknown field' }
  }
  if (specRequired && Reflect.get(object, 'spec') === undefined)
    yield { path: [], message: 'must have spec', about: 'spec' }
}
