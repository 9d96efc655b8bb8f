import { mistyped } from '../../../objects/text/closest.ts'
import { quotedName } from '../../../objects/text/escaped.ts'
import { unseenConfig } from '../../../providers/apisix/resolve/own-split.ts'
import { rulesOf } from '../../../providers/apisix/resolve/rules.ts'
import { namesIn } from '../../facts/names/meant.ts'
import { formatPath, type Rule } from '../../rule.ts'

/**
 * The controller refuses the whole route since 2.0 (internal/controller/apisixroute_controller.go, validatePluginConfig); before,
 * APISIX refuses a route with the id of a plugin config that it does not have.
 */
export const unknownPluginConfig: Rule<'ApisixRoute'> = {
  id: 'unknown-plugin-config',
  severity: { webhook: 'error', lint: 'error' },
  summary: 'The ApisixPluginConfig that a rule of an ApisixRoute names exists.',
  fix: 'Create the ApisixPluginConfig, or correct plugin_config_name or plugin_config_namespace.',
  subject: 'ApisixRoute',
  reads: ['ApisixPluginConfig'],
  needs: ['ApisixPluginConfig'],
  *check(view, route, { complete }) {
    for (const [i, rule] of rulesOf(route).entries()) {
      const unseen = unseenConfig(view, route, rule)
      if (unseen === undefined) continue
      const { namespace, name } = unseen
      const path = ['spec', 'http', i, 'plugin_config_name']
      const meant = mistyped(name, namesIn(view, 'ApisixPluginConfig', namespace))
      const lack = complete
        ? 'does not exist: the ingress controller does not carry out the route'
        : 'is not among the objects that were read'
      yield {
        path,
        message: `ApisixPluginConfig ${quotedName(`${namespace}/${name}`)} ${lack}${meant === undefined ? '' : `; did you mean ${meant}?`}`,
        about: `${namespace}/${name}`,
        absent: 'other',
        ...(complete ? {} : { severity: { webhook: 'warning', lint: 'warning' } }),
        ...(meant === undefined ? {} : { fix: `Set ${formatPath(path)}: ${meant}` }),
        tells: [{ kind: 'ApisixPluginConfig', namespace }],
        restsOn: [{ kind: 'ApisixPluginConfig', namespace, name }],
      }
    }
  },
}
