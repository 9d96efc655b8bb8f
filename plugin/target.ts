import { CanaryError } from '../shared/objects/canary-error.ts'
import type { Target } from '../shared/plan/intent.ts'
import type { Scope, Store } from '../shared/view/store.ts'
import { quoteWords, withoutFlag } from './flags/argv.ts'
import type { Session } from './session.ts'

/** The Service that is meant, with the words that were typed, so that an error's candidates are commands to copy. */
export function targetOf({ argv }: Session, store: Store, service: string | undefined): Target {
  if (service !== undefined && !/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)?$/.test(service)) {
    throw new CanaryError('usage', `"${service}" is no name of a Service`, { hints: ['It is NAME, or NAME.NAMESPACE for one in another namespace.'] })
  }
  return { service, namespace: store.namespace, command: quoteWords(withoutFlag(argv, '--service')) }
}

/** The namespaces whose Services and workloads an edit looks at: that of the request, and that of the Service where it is another. */
export function scopeOf({ service, namespace }: Target): Scope {
  const named = service?.split('.')[1]
  return { namespaces: named === undefined || named === namespace ? [namespace] : [namespace, named] }
}
