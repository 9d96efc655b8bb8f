import { CanaryError } from '../../../objects/canary-error.ts'
import type { Service } from '../../../objects/core.ts'
import { keyOf } from '../../../objects/kube-object.ts'
import { serviceWord, shellWord } from '../../../objects/text/kubectl-commands.ts'
import { refOf } from '../../../objects/kinds.ts'
import { wantedOf } from '../../../routing/service.ts'
import type { Wanted, WantedSplit } from '../../../routing/wanted.ts'
import type { PodReading } from '../read/reading.ts'
import type { ScalingEdit } from './scale.ts'

/**
 * Lets the Service select the version that gets everything. Throws a CanaryError `refused` for shares: all requests go
 * to the version that the selector names, and on files for a version that is scaled to zero.
 */
export function selectVersion(
  reading: PodReading,
  object: Service,
  { split }: Wanted & { readonly split: WantedSplit },
): ScalingEdit & { readonly selected: Service } {
  const { switchKey, service } = reading
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
  if (!isSame) requirePods(reading, only.version)
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

function requirePods({ versions, service: { namespace }, complete }: PodReading, name: string): void {
  const version = versions.find(each => each.name === name)
  const [first] = version?.workloads ?? []
  // On a cluster pods that are ready are asked for anyway, which says more.
  if (complete || version === undefined || first === undefined || wantedOf(version) > 0) return
  const pods = Math.max(...versions.map(wantedOf), 1)
  throw new CanaryError(
    'refused',
    `version ${name} has no pods: ${first.kind} ${namespace}/${first.name} has 0 replicas`,
    {
      hints: [
        `Set spec.replicas: ${pods} in ${first.kind} ${namespace}/${first.name}, then repeat this command.`,
      ],
    },
  )
}

/** The fields in the order in which they were. */
const inOrder = (before: Service['spec'], after: Service['spec']): Service['spec'] =>
  Object.fromEntries(Object.keys(before).map(key => [key, Reflect.get(after, key)]))
