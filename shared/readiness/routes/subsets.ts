import { formatLabels } from '../../objects/labels.ts'
import { workloadKinds } from '../../objects/kinds.ts'
import { routingNeeds } from '../../rules/facts/destinations.ts'
import type { ServiceCheck } from '../check.ts'
import { foundByRules } from '../facts/from-rules.ts'
import { listed } from '../facts/names.ts'
import { definedAlike } from '../facts/same-pods.ts'
import type { OwningController, ServiceSubject } from '../subject.ts'

/** Requests for a subset without pods are answered with 503. */
export const subsets: ServiceCheck = {
  id: 'subsets',
  summary: 'Each subset that a route names is defined and has pods.',
  fix: 'Add the labels of the subset to pods, correct the subset, or route to another one.',
  needs: [...routingNeeds, ...workloadKinds, 'Pod'],
  states: ['warn', 'fail'],
  ofMesh: true,
  *check(subject) {
    const { reading, services, owner } = subject
    yield* foundByRules(subject, 'subsets')
    if (services.length === 0 || reading.service.hosts !== undefined) return
    const defined = reading.versions.flatMap(({ subset, workloads }) =>
      subset === undefined ? [] : [{ ...subset, count: workloads.length }],
    )
    const alike = definedAlike(subject, labelsByVersion(reading.versions))
    if (alike.length > 0)
      yield {
        state: 'warn',
        message: `the subsets of ${listed(alike)} select the same pods: their shares do not tell the versions apart`,
        fix: { commands: ['Give each of these subsets the label of its version in spec.subsets[].labels.'] },
      }
    const empty = defined.filter(({ count }) => count === 0)
    const known = defined.filter(({ count }) => count > 0)
    const gets = empty.length === 1 ? 'has no pods and gets' : 'have no pods and get'
    const said = [
      ...(known.length === 0
        ? []
        : [listed(known.map(({ name, labels }) => `${name} (${formatLabels(labels) || 'all pods'})`))]),
      ...(empty.length === 0 ? [] : [`${listed(empty.map(({ name }) => name))} ${gets} no requests`]),
    ]
    yield {
      state: 'pass',
      message: said.length > 0 ? said.join('; ') : sayingNone(owner),
    }
  },
}

const labelsByVersion = (versions: ServiceSubject['reading']['versions']): ReadonlyMap<string, string> =>
  new Map(
    versions.flatMap(({ name, subset }) =>
      subset === undefined ? [] : [[name, formatLabels(subset.labels)] as const],
    ),
  )

const sayingNone = (owner: OwningController | undefined): string =>
  owner === undefined
    ? 'no subsets yet: kubectl canary init defines them'
    : `no subsets: ${owner.owner} says what its versions are`
