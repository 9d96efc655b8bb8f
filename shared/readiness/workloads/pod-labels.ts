import { controllerOf, keyOf, type Labels } from '../../objects/kube-object.ts'
import { formatKind, isKind, refOf, workloadKinds } from '../../objects/kinds.ts'
import { mayMatch, templateOf } from '../../workloads/backings.ts'
import type { CheckResult, ReadinessFix, ServiceCheck } from '../check.ts'
import { foundByRules } from '../facts/from-rules.ts'
import { listed, nameIn } from '../facts/names.ts'
import { labelTemplate, markCommand } from '../facts/patches.ts'
import { formatPairs, likelyVersion, versionInLabels, versionKeyOf } from '../../objects/labels.ts'
import type { BehindService, OwningController, ServiceSubject } from '../subject.ts'

/** Any of these names the application in Istio's metrics (its canonical service). */
const appKeys = ['app', 'app.kubernetes.io/name', 'service.istio.io/canonical-name']

/**
 * Versions are told apart by `version`, or by `app.kubernetes.io/version` as `init` makes subsets from it; Istio
 * names an application by `app` in metrics and its topology.
 */
export const podLabels: ServiceCheck = {
  id: 'pod-labels',
  summary: 'The pod template of each workload has the labels `app` and `version`.',
  fix: 'Add the labels to spec.template.metadata.labels.',
  needs: [...workloadKinds, 'Pod'],
  states: ['warn', 'fail'],
  *check(subject) {
    const { workloads, service } = subject
    if (workloads.length === 0) return
    if (subject.reading.isOutsideMesh === true) return yield* ofPodsAlone(subject)
    const found = foundByRules(subject, 'pod-labels')
    yield* found
    const told = new Set(found.flatMap(({ ref }) => (ref === undefined ? [] : [keyOf(ref)])))
    const taken = new Set(workloads.flatMap(({ labels }) => labels['version'] ?? []))
    for (const workload of workloads) {
      if (told.has(keyOf(refOf(workload.object))) || isOfKnative(workload)) continue
      const missing = missingFrom(subject, workload, taken)
      if (missing !== undefined) yield missing
    }
    const names = workloads.map(({ object }) => nameIn(service.namespace, object))
    const has = `${listed(names)} ${names.length === 1 ? 'has' : 'have'}`
    const versionKey = versionKeyOf(workloads.map(({ labels }) => labels))
    const lacksVersion = workloads.some(({ labels }) => labels[versionKey] === undefined)
    yield {
      state: 'pass',
      message:
        subject.owner !== undefined && lacksVersion
          ? `${has} app; ${versionWords(subject.owner)}`
          : `${has} app and ${versionKey}`,
    }
  },
}

/** Outside a mesh any label or Service that tells the versions apart is enough. */
function* ofPodsAlone({ reading, workloads, service }: ServiceSubject): Iterable<CheckResult> {
  const known = new Set(
    reading.versions.flatMap(version => version.workloads.map(({ kind, name }) => `${kind}/${name}`)),
  )
  const bare = workloads.filter(({ object }) => !known.has(`${object.kind}/${object.metadata.name}`))
  for (const { object } of bare)
    yield {
      state: 'warn',
      ref: refOf(object),
      message: `no label of the pods of ${nameIn(service.namespace, object)} names their version`,
    }
  if (bare.length === 0)
    yield {
      state: 'pass',
      message: `the versions are told apart: ${listed(reading.versions.map(({ name }) => name))}`,
    }
}

/** By what a controller tells versions apart. */
const versionWords = ({ title, kind }: OwningController): string =>
  kind === 'Rollout'
    ? `${title} labels the pods of each version with rollouts-pod-template-hash`
    : `${title} has the versions in workloads and Services of their own`

/** Knative makes the workload of each revision, and splits between them itself. */
const isOfKnative = ({ labels }: BehindService): boolean =>
  Object.keys(labels).some(key => key.startsWith('serving.knative.dev/'))

function missingFrom(
  subject: ServiceSubject,
  workload: BehindService,
  taken: Set<string>,
): CheckResult | undefined {
  const { object, labels } = workload
  const { service } = subject
  const lacksApp = appKeys.every(key => labels[key] === undefined)
  const key = versionKeyOf(subject.workloads.map(other => other.labels))
  const lacksVersion = labels[key] === undefined && !isToldApart(subject, workload)
  if (!lacksApp && !lacksVersion) return undefined
  const version = lacksVersion ? versionFor(subject, workload, taken) : undefined
  if (version !== undefined) taken.add(version)
  const add = {
    ...(lacksApp ? { app: service.name.slice(0, 63) } : {}),
    ...(version === undefined ? {} : { version }),
  }
  const keys = Object.keys(add)
  const what = keys.length === 2 ? 'neither the label app nor version' : `no label ${keys.join()}`
  return {
    state: 'warn',
    ref: refOf(object),
    message: `the pods of ${nameIn(service.namespace, object)} have ${what}`,
    fix: labelling(subject, workload, add),
  }
}

/** What the pods are to be labelled as: the version of their other labels, else a likely one. */
function versionFor(
  { service, workloads }: ServiceSubject,
  { object, labels }: BehindService,
  taken: ReadonlySet<string>,
): string {
  const said = versionInLabels(
    labels,
    workloads.map(other => other.labels),
  )
  return said !== undefined && !taken.has(said)
    ? said
    : likelyVersion(object.metadata.name, service.name, taken)
}

/**
 * Whether a version is known without the label: the labels of a subset select its pods, a Service is the version, or
 * a controller labels its pods as they run.
 */
function isToldApart({ reading, owner }: ServiceSubject, { object, labels }: BehindService): boolean {
  if (reading.service.hosts !== undefined || owner !== undefined || isKind('Rollout', object)) return true
  return reading.versions.some(
    ({ subset }) =>
      subset !== undefined && Object.keys(subset.labels).length > 0 && mayMatch(subset.labels, labels),
  )
}

function labelling(
  { view, service, owner: rollout }: ServiceSubject,
  { object: own }: BehindService,
  add: Labels,
): ReadinessFix {
  // Flagger copies the pod template of its target.
  const copied = controllerOf(own)?.kind === rollout?.kind ? rollout?.target : undefined
  const object = (copied === undefined ? undefined : view.get(copied)) ?? own
  const owner = controllerOf(object)
  const pairs = formatPairs(add)
  if (owner !== undefined)
    return {
      commands: [`Set ${pairs} in the pod template of ${formatKind(owner)} ${owner.name}, which creates it.`],
    }
  if (isKind('Pod', object))
    return {
      commands: [
        markCommand('label', { kind: 'Pod', name: object.metadata.name, namespace: service.namespace }, add),
      ],
      sets: Object.entries(add).map(([key, value]) => ({
        ref: refOf(object),
        path: ['metadata', 'labels', key],
        value,
      })),
    }
  if (isKind('OtherWorkload', object))
    return { commands: [`Set ${pairs} in the labels of its pod template.`] }
  return labelTemplate(templateOf(view, object) ?? object, add)
}
