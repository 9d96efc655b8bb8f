import { namespaceOf, type KubeObject } from '../../objects/kube-object.ts'
import { fieldsOf, isFields, itemsOf, textOf } from '../../objects/unchecked.ts'
import type { UnreadRouter } from '../../routing/controller.ts'
import { rolloutFields } from './rollout.ts'

type Fields = Readonly<Record<string, unknown>>

/** What each router writes: the kind of its objects, and their names (pkg/apis/rollouts/v1alpha1/types.go). */
const objectsBy: Readonly<Record<string, (router: Fields, own: string) => readonly string[]>> = {
  alb: ({ ingress, ingresses }) => named('Ingress', [ingress, ...itemsOf(ingresses)]),
  ambassador: ({ mappings }) => named('Mapping', itemsOf(mappings)),
  appMesh: ({ virtualService }) => named('VirtualService', [fieldsOf(virtualService)['name']]),
  nginx: ({ stableIngress, stableIngresses }) =>
    named('Ingress', [stableIngress, ...itemsOf(stableIngresses)]),
  smi: ({ trafficSplitName }, own) => named('TrafficSplit', [textOf(trafficSplitName) ?? own]),
  traefik: ({ weightedTraefikServiceName: name }) => named('TraefikService', [name]),
}

const gatewayApi = 'argoproj-labs/gatewayAPI'

/** The routers of a Rollout whose objects nothing here reads. */
export function unreadRouters(rollout: KubeObject): readonly UnreadRouter[] {
  const trafficRouting = fieldsOf(rolloutFields(rollout).canary?.['trafficRouting'])
  const plugins = fieldsOf(trafficRouting['plugins'])
  const { name } = rollout.metadata
  return [
    ...Object.entries(objectsBy).flatMap(([router, objectsOf]): readonly UnreadRouter[] => {
      const fields = trafficRouting[router]
      if (!isFields(fields)) return []
      const objects = objectsOf(fields, name).map(object => inNamespace(object, namespaceOf(rollout)))
      return [{ field: `trafficRouting.${router}`, objects }]
    }),
    ...Object.keys(plugins)
      .filter(plugin => plugin !== gatewayApi)
      .map((plugin): UnreadRouter => ({ field: `trafficRouting.plugins.${plugin}`, objects: [] })),
    ...connectionRoutes(fieldsOf(plugins[gatewayApi]), namespaceOf(rollout)),
  ]
}

/** The routes for connections that the plugin of the Gateway API shifts. */
function connectionRoutes(plugin: Fields, own: string): readonly UnreadRouter[] {
  const objects = (['tcp', 'tls'] as const).flatMap(kind =>
    named(`${kind.toUpperCase()}Route`, [
      plugin[`${kind}Route`],
      ...itemsOf(plugin[`${kind}Routes`]).map(item => fieldsOf(item)['name']),
    ]),
  )
  const namespace = textOf(plugin['namespace']) ?? own
  return objects.length === 0
    ? []
    : [
        {
          field: `trafficRouting.plugins.${gatewayApi}`,
          objects: objects.map(object => inNamespace(object, namespace)),
        },
      ]
}

const named = (kind: string, names: readonly unknown[]): readonly string[] =>
  names.flatMap(name => (textOf(name) === undefined || name === '' ? [] : [`${kind} ${textOf(name)}`]))

/** `Ingress shop/cart`. */
const inNamespace = (object: string, namespace: string): string => object.replace(' ', ` ${namespace}/`)
