/** Small rules with every trait that a review heeds, so that these tests do not depend on the real ones. */
import { expandHost } from '../../shared/objects/hosts.ts'
import { namespaceOf } from '../../shared/objects/kube-object.ts'
import type { Judge } from '../../shared/rules/introduced.ts'
import type { AnyRule, Rule } from '../../shared/rules/rule.ts'
import { destinationRulesByHost } from '../../shared/providers/istio/resolve/indexes/routing.ts'

const sum: Rule<'VirtualService'> = {
  id: 'weights-sum-to-100',
  severity: { webhook: 'error', lint: 'error' },
  summary: 'The weights add up to 100.',
  fix: 'Set them together.',
  subject: 'VirtualService',
  reads: [],
  *check(_view, { spec }) {
    for (const [i, { route = [] }] of (spec.http ?? []).entries()) {
      const total = route.reduce((all, { weight = 0 }) => all + weight, 0)
      const about = route
        .map(({ destination, weight }) => `${destination.host}/${destination.subset}=${weight}`)
        .join()
      if (route.length > 1 && total !== 100)
        yield { path: ['spec', 'http', i, 'route'], message: `the weights add up to ${total}`, about }
    }
  },
}

const subset: Rule<'VirtualService'> = {
  id: 'undefined-subset',
  severity: { webhook: 'error', lint: 'error' },
  summary: 'Every subset is defined.',
  fix: 'Add the subset first.',
  subject: 'VirtualService',
  reads: ['DestinationRule', 'Service'],
  *check(view, subject) {
    for (const [i, { route = [] }] of (subject.spec.http ?? []).entries()) {
      for (const [
        j,
        {
          destination: { host, subset: name },
        },
      ] of route.entries()) {
        const namespace = namespaceOf(subject)
        if (name === undefined) continue
        const found = view.find(destinationRulesByHost, expandHost(host, namespace, view.mesh.clusterDomain))
        if (found.some(({ spec }) => spec.subsets?.some(candidate => candidate.name === name))) continue
        const path = ['spec', 'http', i, 'route', j, 'destination', 'subset']
        yield {
          path,
          message: `subset ${name} of ${host} is not defined`,
          about: `${host}/${name}`,
          absent: 'subset',
          tells: [],
          restsOn: [{ kind: 'DestinationRule', namespace }],
        }
      }
    }
  },
}

const host: Rule<'VirtualService'> = {
  id: 'unknown-host',
  severity: { webhook: 'error', lint: 'warning' },
  summary: 'Every host exists.',
  fix: 'Create the Service.',
  subject: 'VirtualService',
  reads: ['Service'],
  *check(view, subject) {
    for (const [i, { route = [] }] of (subject.spec.http ?? []).entries()) {
      for (const { destination } of route) {
        const ref = { kind: 'Service' as const, namespace: namespaceOf(subject), name: destination.host }
        if (view.get(ref) === undefined)
          yield {
            path: ['spec', 'http', i],
            message: `there is no Service ${destination.host}`,
            about: destination.host,
            absent: 'host',
            tells: [],
            restsOn: [ref],
          }
      }
    }
  },
}

const single: Rule<'VirtualService'> = {
  id: 'ineffective-weight',
  severity: { webhook: 'warning', lint: 'warning' },
  summary: 'A single destination has no weight.',
  fix: 'Take it out.',
  subject: 'VirtualService',
  reads: [],
  *check(_view, { spec }) {
    for (const [i, { route = [] }] of (spec.http ?? []).entries()) {
      if (route.length === 1 && ![undefined, 0, 100].includes(route[0]?.weight))
        yield {
          path: ['spec', 'http', i],
          message: 'the weight does nothing',
          about: String(route[0]?.destination.host),
        }
    }
  },
}

export const plantedRules: readonly AnyRule[] = [sum, subset, host, single]
export const plantedJudge: Judge = {
  rules: plantedRules,
  settings: { complete: true, relativeWeights: false },
}
