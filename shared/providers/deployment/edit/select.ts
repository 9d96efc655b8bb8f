import { CanaryError } from '../../../objects/canary-error.ts'
import type { Service } from '../../../objects/core.ts'
import { keyOf } from '../../../objects/kube-object.ts'
import { serviceWord, shellWord } from '../../../objects/text/kubectl-commands.ts'
import { refOf } from '../../../objects/kinds.ts'
import type { Wanted, WantedSplit } from '../../../routing/wanted.ts'
import type { PodReading } from '../read/reading.ts'
import type { ScalingEdit } from './scale.ts'

/**
 * Lets the Service select the version that gets everything. Throws a CanaryError `refused` for shares: all requests go
 * to the version that the selector names.
 */
export function selectVersion(
  { switchKey, service }: PodReading,
  object: Service,
  { split }: Wanted & { readonly split: WantedSplit },
): ScalingEdit & { readonly selected: Service } {
  const [only, ...others] = split.shares.filter(({ percent }) => percent > 0)
  if (only === undefined || others.length > 0 || switchKey === undefined) {
    const next = others.at(-1)?.version ?? only?.version ?? 'VERSION'
    throw new CanaryError(
      'refused',
      `the selector of ${keyOf(refOf(object))} names ${switchKey}, so that all its requests go to one version`,
      {
        hints: [
          `Send it everything, and keep the way back: kubectl canary weight ${serviceWord(service.name)} ${shellWord(`${next}=100`)} -n ${service.namespace}`,
          `For shares, the Service has to select the pods of all versions: without ${switchKey} in spec.selector.`,
        ],
      },
    )
  }
  const { selector, ...spec } = object.spec
  const isSame = selector?.[switchKey] === only.version
  return {
    changes: [],
    notes: [],
    restore: {},
    selected: isSame
      ? object
      : {
          ...object,
          spec: inOrder(object.spec, { ...spec, selector: { ...selector, [switchKey]: only.version } }),
        },
  }
}

/** The fields in the order in which they were. */
const inOrder = (before: Service['spec'], after: Service['spec']): Service['spec'] =>
  Object.fromEntries(Object.keys(before).map(key => [key, Reflect.get(after, key)]))
