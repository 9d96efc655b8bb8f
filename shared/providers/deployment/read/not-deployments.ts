import { CanaryError } from '../../../objects/canary-error.ts'
import { enumerated } from '../../../objects/text/listed.ts'
import type { RoutedService } from '../../../routing/service.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { backingsOfService } from '../../../workloads/backings.ts'

/** The error that a service has pods, but none of a Deployment; undefined where it has some of one, or none. */
export function notDeployments(
  view: ClusterView,
  { name, namespace }: RoutedService,
): CanaryError | undefined {
  const object = view.get({ kind: 'Service', namespace, name })
  const behind = (object === undefined ? [] : (backingsOfService(view, object) ?? [])).flatMap(
    backing => backing.object ?? [],
  )
  if (behind.length === 0 || behind.some(({ kind }) => kind === 'Deployment')) return undefined
  const names = [...new Set(behind.map(({ kind, metadata }) => `${kind} ${namespace}/${metadata.name}`))]
  return new CanaryError(
    'refused',
    `${enumerated(names)} ${names.length === 1 ? 'has' : 'have'} the pods of ${name}, and only Deployments are scaled`,
    {
      hints: [
        'Run each version by a Deployment, or shift traffic by routes of a mesh or gateway: --provider istio or gateway-api.',
      ],
    },
  )
}
