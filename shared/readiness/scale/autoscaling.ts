import type { HorizontalPodAutoscaler } from '../../objects/autoscaling.ts'
import { refOf, workloadKinds } from '../../objects/kinds.ts'
import type { KubeObject } from '../../objects/kube-object.ts'
import { applyCommand, patchCommand } from '../../objects/text/kubectl-commands.ts'
import { fieldsOf, numberOf } from '../../objects/unchecked.ts'

import { podsNeeded, wantedOf, type ServiceVersion } from '../../routing/service.ts'
import type { CheckResult, ServiceCheck } from '../check.ts'
import { autoscalerOf } from '../facts/autoscalers.ts'
import { listed } from '../facts/names.ts'
import { largestShares } from '../facts/shares.ts'
import type { BehindService, ServiceSubject } from '../subject.ts'

/** A canary that cannot grow as stable does is overloaded when its share grows. */
export const autoscaling: ServiceCheck = {
  id: 'autoscaling',
  summary:
    'Where one version has a HorizontalPodAutoscaler, each running version has one, and it allows as many pods as the share of the version needs.',
  fix: 'Give the version a HorizontalPodAutoscaler of its own, or raise its maxReplicas.',
  needs: ['HorizontalPodAutoscaler', ...workloadKinds],
  states: ['warn'],
  *check(subject) {
    const { workloads, reading, services } = subject
    if (services.length === 0 || workloads.length === 0) return
    const running = workloads.filter(({ isDormant }) => !isDormant)
    const scaled = running.flatMap(workload => {
      const autoscaler = scalerOf(subject, workload)
      return autoscaler === undefined ? [] : [autoscaler]
    })
    const [model] = scaled
    if (model !== undefined)
      for (const workload of running)
        if (scalerOf(subject, workload) === undefined && canBeScaled(workload))
          yield withoutAutoscaler(workload, model)
    for (const version of reading.versions) yield* tooLowMaximum(subject, version)
    const names = scaled.map(({ metadata }) => metadata.name)
    yield {
      state: 'pass',
      message:
        names.length === 0
          ? 'no autoscaler'
          : `${listed(names)} ${names.length === 1 ? 'scales' : 'scale'} the pods`,
    }
  },
}

const scalerOf = (
  { view, service }: ServiceSubject,
  { object }: BehindService,
): HorizontalPodAutoscaler | undefined =>
  autoscalerOf(view, service.namespace, { kind: object.kind, name: object.metadata.name })

const canBeScaled = ({ object }: BehindService): boolean =>
  ['Deployment', 'StatefulSet', 'Rollout'].includes(object.kind)

function withoutAutoscaler({ object }: BehindService, model: HorizontalPodAutoscaler): CheckResult {
  const { apiVersion, kind, metadata } = object
  const fresh = {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: metadata.name, namespace: model.metadata.namespace },
    spec: { ...model.spec, scaleTargetRef: { apiVersion, kind, name: metadata.name } },
  } as KubeObject
  const scaled = String(fieldsOf(model.spec.scaleTargetRef)['name'])
  return {
    state: 'warn',
    ref: refOf(object),
    message: `${kind} ${metadata.name} has no autoscaler, and ${scaled} has one (${model.metadata.name})`,
    fix: { commands: [applyCommand(fresh)], creates: [fresh] },
  }
}

/** The result if the autoscaler of a version allows fewer pods than its share needs, compared with the other versions. */
function* tooLowMaximum(
  { view, service, reading }: ServiceSubject,
  version: ServiceVersion,
): Iterable<CheckResult> {
  const percent = largestShares(reading.traffic).get(version.name) ?? 0
  const [workload, ...more] = version.workloads
  if (workload === undefined || more.length > 0 || percent === 0) return
  const autoscaler = autoscalerOf(view, service.namespace, workload)
  const most = numberOf(fieldsOf(autoscaler?.spec)['maxReplicas'])
  const served = Math.max(0, ...reading.versions.filter(other => other !== version).map(wantedOf))
  const needed = podsNeeded(served, percent)
  if (autoscaler === undefined || most === undefined || most >= needed) return
  const { name } = autoscaler.metadata
  yield {
    state: 'warn',
    ref: refOf(autoscaler),
    message: `${version.name} gets ${percent} % of the requests and needs ${needed} pods; HorizontalPodAutoscaler ${name} allows ${most}`,
    fix: {
      commands: [patchCommand(refOf(autoscaler), 'merge', { spec: { maxReplicas: needed } })],
      sets: [{ ref: refOf(autoscaler), path: ['spec', 'maxReplicas'], value: needed }],
    },
  }
}
