import { namespaceOf } from '../../objects/kube-object.ts'
import { removeCohortWords, shellWord } from '../../objects/text/kubectl-commands.ts'
import { recordIn } from '../../providers/istio/read/record/record.ts'
import { isService, parentOf, backendOf } from '../../providers/gateway-api/resolve/references.ts'
import { parentsOf, placedBackends } from '../../providers/gateway-api/resolve/routes.ts'
import type { ServiceRoute } from '../../objects/gateway-api.ts'
import { cohortsAnnotation, readRecord, type CohortRecord } from '../../routing/record/record.ts'
import { eachRoute } from '../facts/each-route.ts'
import { recordedService } from '../fixes/remove-cohort.ts'
import type { Rule, RuleSettings, Violation } from '../rule.ts'

const described = {
  id: 'expired-cohort',
  severity: { webhook: 'warning', lint: 'warning' },
  summary: 'A cohort is removed after its end.',
  fix: 'Remove the cohort: kubectl canary cohort NAME --remove. Or set a later end with --until.',
  reads: [],
} as const

type NamedService = ReturnType<typeof recordedService>

/** The end that `cohort --until` notes is a promise to people: nothing ends a cohort by itself. */
export const expiredCohort: Rule<'VirtualService'> = {
  ...described,
  subject: 'VirtualService',
  *check(view, subject, settings) {
    for (const cohort of expiredIn(recordIn(subject)?.cohorts ?? [], settings))
      yield violationOf(cohort, recordedService(view, subject, cohort))
  },
}

/** The same for the cohorts of an HTTPRoute or GRPCRoute. */
export const expiredRouteCohort = eachRoute({
  ...described,
  *check(_view, route, settings) {
    for (const cohort of expiredIn(readRecord(route)?.cohorts ?? [], settings))
      yield violationOf(cohort, serviceIn(route, cohort))
  },
})

/** The same for the cohorts of an ApisixRoute, which leads to Services of its own namespace. */
export const expiredApisixCohort: Rule<'ApisixRoute'> = {
  ...described,
  subject: 'ApisixRoute',
  *check(_view, route, settings) {
    for (const cohort of expiredIn(readRecord(route)?.cohorts ?? [], settings))
      yield violationOf(cohort, serviceOfNamespace(cohort, namespaceOf(route)))
  },
}

const expiredIn = (
  cohorts: readonly CohortRecord[],
  { now }: RuleSettings,
): readonly (CohortRecord & { readonly until: string })[] =>
  cohorts.flatMap(cohort =>
    now !== undefined && cohort.until !== undefined && Date.parse(cohort.until) < now
      ? [{ ...cohort, until: cohort.until }]
      : [],
  )

function violationOf(
  { name, service, to, until }: CohortRecord & { readonly until: string },
  named: NamedService,
): Violation {
  const words = removeCohortWords(name, named)
  return {
    path: ['metadata', 'annotations', cohortsAnnotation],
    message: `cohort ${name} of ${service} ended at ${until}, but its requests still go to ${to}`,
    about: `${service} ${name}`,
    fix: ['kubectl canary', ...words.map(shellWord)].join(' '),
    canary: words,
  }
}

/** What a record calls `catalog.shop` is one of the Services that the route names, else one of its own namespace. */
function serviceIn(route: ServiceRoute, { service: id }: CohortRecord): NamedService {
  const services = [
    ...parentsOf(route).map(reference => parentOf(route, reference)),
    ...placedBackends(route).map(({ value }) => backendOf(route, value)),
  ].filter(isService)
  const found = services.find(({ name, namespace }) => `${name}.${namespace}` === id)
  if (found !== undefined) return { name: found.name, namespace: found.namespace }
  return serviceOfNamespace({ service: id }, namespaceOf(route))
}

/** What a record calls `catalog.shop`, as a Service of a namespace. */
function serviceOfNamespace({ service: id }: Pick<CohortRecord, 'service'>, namespace: string): NamedService {
  const suffix = `.${namespace}`
  return { name: id.endsWith(suffix) ? id.slice(0, -suffix.length) : id, namespace }
}
