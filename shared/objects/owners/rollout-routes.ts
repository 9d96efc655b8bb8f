import { namespaceOf, type KubeObject, type Ref } from '../kube-object.ts'
import { fieldsOf, itemsOf, textOf } from '../unchecked.ts'

/**
 * The routing objects that an Argo Rollout shifts, whether they are there or not: of Istio
 * (`spec.strategy.canary.trafficRouting.istio.virtualService(s)`, by `NAME` or `NAME.NAMESPACE`), of the Gateway
 * API by its plugin (https://rollouts-plugin-trafficrouter-gatewayapi.readthedocs.io/), and of APISIX
 * (https://argo-rollouts.readthedocs.io/en/stable/features/traffic-management/apisix/).
 */
export function routesOfRollout(rollout: KubeObject): readonly Ref[] {
  const { canary } = fieldsOf(fieldsOf(Reflect.get(rollout, 'spec'))['strategy'])
  const trafficRouting = fieldsOf(fieldsOf(canary)['trafficRouting'])
  const istio = fieldsOf(trafficRouting['istio'])
  const plugin = fieldsOf(fieldsOf(trafficRouting['plugins'])['argoproj-labs/gatewayAPI'])
  const apisix = textOf(fieldsOf(fieldsOf(trafficRouting['apisix'])['route'])['name'])
  const own = namespaceOf(rollout)
  const namespace = textOf(plugin['namespace']) ?? own
  const ofPlugin = (kind: Ref['kind'], key: string): readonly Ref[] =>
    [plugin[key], ...namesIn(plugin[`${key}s`])].flatMap(name =>
      textOf(name) === undefined ? [] : [{ kind, namespace, name: textOf(name)! }],
    )
  return [
    ...[fieldsOf(istio['virtualService'])['name'], ...namesIn(istio['virtualServices'])].flatMap(
      (said): readonly Ref[] => {
        const [name = '', inNamespace = own] = (textOf(said) ?? '').split('.')
        return name === '' ? [] : [{ kind: 'VirtualService', namespace: inNamespace, name }]
      },
    ),
    ...ofPlugin('HTTPRoute', 'httpRoute'),
    ...ofPlugin('GRPCRoute', 'grpcRoute'),
    ...(apisix === undefined ? [] : [{ kind: 'ApisixRoute', namespace: own, name: apisix } as const]),
  ]
}

const namesIn = (list: unknown): readonly unknown[] => itemsOf(list).map(item => fieldsOf(item)['name'])
