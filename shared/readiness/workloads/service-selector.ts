import { formatLabels } from '../../objects/labels.ts'
import { refOf, workloadKinds } from '../../objects/kinds.ts'
import { namespaceOf } from '../../objects/kube-object.ts'
import type { Service } from '../../objects/core.ts'
import { backingsOf, mayMatch } from '../../workloads/backings.ts'
import { providerOfService } from '../../providers/istio/resolve/objects/providers.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { once } from '../../view/session.ts'
import type { CheckResult, ServiceCheck } from '../check.ts'
import { listed, nameIn } from '../facts/names.ts'
import { removeField } from '../facts/patches.ts'
import { definedAlike } from '../facts/same-pods.ts'
import { versionsOutsideMesh, type ServiceSubject } from '../subject.ts'

/** Labels by which people tell the versions of one application apart. */
const versionKeys = ['version', 'app.kubernetes.io/version', 'track']

/** A subset selects among the pods of the Service: what the Service leaves out gets no requests. */
export const serviceSelector: ServiceCheck = {
  id: 'service-selector',
  summary: 'The Service selects the pods of all versions.',
  fix: 'Remove the label of the version from spec.selector of the Service.',
  needs: [...workloadKinds, 'Pod'],
  states: ['warn'],
  *check(subject) {
    const { services, workloads, service, reading } = subject
    const selecting = services.filter(each => providerOfService(each).selector !== undefined)
    if (selecting.length === 0) return
    if (reading.service.hosts !== undefined) {
      yield* sameSelectors(subject)
      const names = services.map(({ metadata }) => metadata.name)
      yield { state: 'pass', message: `each version has a Service of its own: ${listed(names)}` }
      return
    }
    for (const each of selecting) yield* pinnedBy(subject, each)
    const [first] = selecting
    const selector = formatLabels(providerOfService(first!).selector ?? {})
    const names = workloads.map(({ object }) => nameIn(service.namespace, object))
    yield {
      state: 'pass',
      message: `selects ${selector}${names.length === 0 ? '' : `: ${listed(names)}`}`,
    }
  },
}

/** Services that are versions and select the same pods: each gets requests of the others. */
function* sameSelectors(subject: ServiceSubject): Iterable<CheckResult> {
  const { view, reading } = subject
  const selectors = reading.versions.flatMap(({ name, service }) => {
    const object = service && view.get({ kind: 'Service', ...service })
    const selector = object && providerOfService(object).selector
    return selector === undefined ? [] : [[name, `${service!.namespace} ${formatLabels(selector)}`] as const]
  })
  const alike = definedAlike(subject, new Map(selectors))
  if (alike.length > 0)
    yield {
      state: 'warn',
      message: `the Services of ${listed(alike)} select the same pods: their shares do not tell the versions apart`,
      fix: { commands: ['Add the label of its version to spec.selector of each of these Services.'] },
    }
}

function* pinnedBy({ view, service, reading }: ServiceSubject, object: Service): Iterable<CheckResult> {
  const selector = providerOfService(object).selector ?? {}
  const key = versionKeys.find(each => selector[each] !== undefined)
  if (key === undefined) return
  const { [key]: pinned, ...others } = selector
  // Without any other label it would select all pods.
  if (Object.keys(others).length === 0 || isOneOfSeveral(view, object)) return
  const left = backingsOf(view, others, namespaceOf(object)).filter(
    ({ labels, object: workload }) => workload !== undefined && !mayMatch(selector, labels),
  )
  // Blue/green: the selector is what a promotion switches.
  const known = new Set(versionsOutsideMesh(reading))
  if (left.length > 0 && left.every(each => known.has(`${each.object!.kind}/${each.object!.metadata.name}`)))
    return
  const names = [...new Set(left.map(({ object: workload }) => nameIn(service.namespace, workload!)))]
  yield {
    state: 'warn',
    ref: refOf(object),
    message:
      names.length > 0
        ? `spec.selector of Service ${object.metadata.name} says ${key}: ${pinned}, which leaves out ${listed(names)}`
        : `spec.selector of Service ${object.metadata.name} says ${key}: ${pinned}, which leaves out any other version`,
    fix: removeField(object, ['spec', 'selector', key]),
  }
}

/**
 * Whether other Services select what this one leaves out, so that each is a version of its own, or this one is the
 * version of a Service of all.
 */
const isOneOfSeveral = (view: ClusterView, object: Service): boolean =>
  (alikeIn(view, namespaceOf(object)).get(withoutVersion(object)) ?? []).length > 1

/** The Services of a namespace by what they select besides the version. */
const alikeIn = (view: ClusterView, namespace: string): ReadonlyMap<string, readonly Service[]> =>
  once(view, [alikeIn, namespace], () => Map.groupBy(view.list('Service', namespace), withoutVersion))

function withoutVersion(service: Service): string {
  const pairs = Object.entries(providerOfService(service).selector ?? {})
  return formatLabels(Object.fromEntries(pairs.filter(([key]) => !versionKeys.includes(key))))
}
