import { patchCommand } from '../../../objects/text/kubectl-commands.ts'
import { itemsOf } from '../../../objects/unchecked.ts'
import { ownSplitOf, type PlacedPlugin } from '../../../providers/apisix/resolve/own-split.ts'
import { backendsOf, rulesOf } from '../../../providers/apisix/resolve/rules.ts'
import { formatPath, type Rule, type Violation } from '../../rule.ts'

/**
 * The controller carries weights out by a plugin traffic-split of the service in APISIX; one of the route overrides it since
 * 2.0, and is dropped before. A rule with one backend may be divided by the plugin: that says nothing twice.
 */
export const overriddenWeights: Rule<'ApisixRoute'> = {
  id: 'overridden-weights',
  severity: { webhook: 'warning', lint: 'warning' },
  summary: 'A rule of an ApisixRoute with several backends has no plugin `traffic-split` of its own.',
  fix: 'Remove the plugin traffic-split, so that the weights of the backends count; or leave one backend in the rule.',
  subject: 'ApisixRoute',
  reads: ['ApisixPluginConfig'],
  *check(view, route) {
    for (const [i, rule] of rulesOf(route).entries()) {
      const own = ownSplitOf(view, route, rule)
      if (own === undefined || backendsOf(rule).length + itemsOf(rule.upstreams).length < 2) continue
      const path =
        own.config === undefined
          ? ['spec', 'http', i, 'plugins', own.index]
          : ['spec', 'http', i, 'plugin_config_name']
      yield {
        path,
        message: `the plugin traffic-split (${own.where}) overrides the weights of the backends since 2.0 of the ingress controller; before, it is dropped`,
        about: `${own.where} ${backendsOf(rule)
          .map(({ serviceName }) => serviceName)
          .join()}`,
        ...(own.config === undefined
          ? { fix: `Remove ${formatPath(path)}` }
          : withoutPlugin(own.config, own)),
        tells:
          own.config === undefined ? [] : [{ kind: 'ApisixPluginConfig', namespace: own.config.namespace }],
        restsOn: own.config === undefined ? [] : [own.config],
      }
    }
  },
}

/** The plugin is taken out of the config, for all rules that name it. */
function withoutPlugin(
  ref: NonNullable<PlacedPlugin['config']>,
  { name, index }: PlacedPlugin,
): Pick<Violation, 'fix' | 'sets'> {
  const place = `/spec/plugins/${index}`
  return {
    fix: patchCommand(ref, 'json', [
      { op: 'test', path: `${place}/name`, value: name },
      { op: 'remove', path: place },
    ]),
    sets: { ref, path: ['spec', 'plugins', index], value: undefined },
  }
}
