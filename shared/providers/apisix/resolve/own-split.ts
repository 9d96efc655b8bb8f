import type { ApisixRoute, ApisixRule } from '../../../objects/apisix/apisix-route.ts'
import { keyOf, namespaceOf, type Ref } from '../../../objects/kube-object.ts'
import { fieldsOf, itemsOf, textOf } from '../../../objects/unchecked.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'

/** The plugin by which the controller carries weights out. */
const trafficSplit = 'traffic-split'

/** Plugins that answer requests themselves or send them elsewhere than the backends of their rule say. */
const deciding: ReadonlySet<string> = new Set([
  trafficSplit,
  'serverless-pre-function',
  'serverless-post-function',
  'fault-injection',
  'mocking',
  'redirect',
  'azure-functions',
  'aws-lambda',
  'openwhisk',
  'openfunction',
  'dubbo-proxy',
  'grpc-transcode',
  'ai-proxy',
  'ai-proxy-multi',
  'workflow',
])

/** Where a plugin is written: the rule itself, or the plugin config that it names. */
export interface PlacedPlugin {
  readonly name: string
  /** `its plugins`, `ApisixPluginConfig shop/common` */
  readonly where: string
  /** The plugin config that has it; undefined for the rule itself. */
  readonly config: Ref | undefined
  /** Its place in that list of plugins. */
  readonly index: number
}

/** The plugin config that a rule names: `namespace/name`. */
export interface NamedConfig {
  readonly namespace: string
  readonly name: string
}

/** The plugin config that a rule names, if any: of the route's namespace where it says no other. */
export function configOf(route: ApisixRoute, rule: ApisixRule): NamedConfig | undefined {
  const name = textOf(rule.plugin_config_name)
  return name === undefined
    ? undefined
    : { name, namespace: textOf(rule.plugin_config_namespace) ?? namespaceOf(route) }
}

/** The plugin config of a rule that is not in view, so that nobody can tell which plugins the rule has. */
export function unseenConfig(
  view: ClusterView,
  route: ApisixRoute,
  rule: ApisixRule,
): NamedConfig | undefined {
  const named = configOf(route, rule)
  return named !== undefined && view.get({ kind: 'ApisixPluginConfig', ...named }) === undefined
    ? named
    : undefined
}

/** The plugins of a rule that are in use, those of its plugin config among them. */
export function placedPlugins(
  view: ClusterView,
  route: ApisixRoute,
  rule: ApisixRule,
): readonly PlacedPlugin[] {
  const named = configOf(route, rule)
  const config: Ref | undefined = named && { kind: 'ApisixPluginConfig', ...named }
  return [
    ...placedIn(rule.plugins, undefined),
    ...(config === undefined
      ? []
      : placedIn(fieldsOf(Reflect.get(view.get(config) ?? {}, 'spec'))['plugins'], config)),
  ]
}

const placedIn = (list: unknown, config: Ref | undefined): readonly PlacedPlugin[] =>
  itemsOf(list)
    .map(fieldsOf)
    .flatMap(({ name, enable }, index) => {
      const where = config === undefined ? 'its plugins' : keyOf(config)
      return textOf(name) === undefined || enable === false
        ? []
        : [{ name: name as string, where, config, index }]
    })

/**
 * A person's own `traffic-split`: since 2.0 it is in effect in place of the weights of the backends; before, one in the
 * rule is dropped where there are several backends, and in effect where there is one
 * (translator/apisixroute.go, buildRoute and buildUpstream; v1.8.4 translateHTTPRouteV2).
 */
export const ownSplitOf = (
  view: ClusterView,
  route: ApisixRoute,
  rule: ApisixRule,
): PlacedPlugin | undefined => placedPlugins(view, route, rule).find(({ name }) => name === trafficSplit)

/** A plugin that decides where requests of the rule go, or whether they go anywhere. */
export const decidingPlugin = (
  view: ClusterView,
  route: ApisixRoute,
  rule: ApisixRule,
): PlacedPlugin | undefined => placedPlugins(view, route, rule).find(({ name }) => deciding.has(name))
