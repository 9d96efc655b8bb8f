import { workloadKinds } from '../../objects/kinds.ts'
import { shellWord } from '../../objects/text/kubectl-commands.ts'

import { podsNeeded, readyOf, wantedOf, type ServiceVersion } from '../../routing/service.ts'
import { routingNeeds } from '../../rules/facts/destinations.ts'
import type { CheckResult, ReadinessFix, ServiceCheck } from '../check.ts'
import { autoscalerOf } from '../facts/autoscalers.ts'
import { largestShares } from '../facts/shares.ts'
import { patchCommand } from '../../objects/text/kubectl-commands.ts'
import { refOf } from '../../objects/kinds.ts'
import type { ServiceSubject } from '../subject.ts'

/** A version with fewer pods than its share needs answers late, or not at all. */
export const capacity: ServiceCheck = {
  id: 'capacity',
  summary: 'Each version has ready pods in proportion to its share of the requests.',
  fix: 'Scale the version, or give it a smaller share.',
  needs: [...routingNeeds, ...workloadKinds, 'Pod'],
  states: ['warn', 'fail'],
  liveOnly: true,
  *check(subject) {
    const { reading, service } = subject
    if (service.host !== undefined || !reading.seesWorkloads) return
    const shares = largestShares(reading.traffic)
    const versions = reading.versions.filter(({ workloads }) => workloads.length > 0)
    // The version with the most ready pods is the measure: so many pods serve all requests.
    const served = Math.max(0, ...versions.map(readyOf))
    for (const version of versions) {
      const result = shortageOf(subject, version, { served, percent: shares.get(version.name) ?? 0 })
      if (result !== undefined) yield result
    }
    if (versions.length > 0)
      yield {
        state: 'pass',
        message: versions
          .map(version => {
            const percent = shares.get(version.name)
            const ready = `${readyOf(version)} of ${wantedOf(version)} ready`
            return `${version.name}: ${percent === undefined ? '' : `${percent} %, `}${ready}`
          })
          .join('; '),
      }
  },
}

function shortageOf(
  subject: ServiceSubject,
  version: ServiceVersion,
  { served, percent }: { readonly served: number; readonly percent: number },
): CheckResult | undefined {
  if (percent === 0) return undefined
  const ready = readyOf(version)
  const needed = Math.max(1, podsNeeded(served, percent))
  if (ready >= needed) return undefined
  const gets = `${version.name} gets ${percent} % of the requests and has`
  return {
    state: ready === 0 ? 'fail' : 'warn',
    message:
      ready === 0
        ? `${gets} no ready pod`
        : `${gets} ${ready} ready ${ready === 1 ? 'pod' : 'pods'}; it needs ${needed}, as another version has ${served}`,
    fix: scaling(subject, version, needed),
  }
}

/** The kinds that `kubectl scale` knows. */
const scalable: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'ReplicaSet'])

function scaling(
  { service, view }: ServiceSubject,
  version: ServiceVersion,
  needed: number,
): ReadinessFix | undefined {
  const [workload, ...others] = version.workloads
  const wait = { commands: [`Wait for its pods: kubectl get pods -n ${service.namespace} -w`] }
  if (wantedOf(version) >= needed) return wait
  if (workload === undefined || others.length > 0 || !scalable.has(workload.kind)) return undefined
  const autoscaler = autoscalerOf(view, service.namespace, workload)
  if (autoscaler !== undefined) {
    const most = autoscaler.spec.maxReplicas ?? 1
    const spec = { minReplicas: needed, ...(most < needed && { maxReplicas: needed }) }
    return { commands: [patchCommand(refOf(autoscaler), 'merge', { spec })] }
  }
  return {
    commands: [
      `kubectl scale ${workload.kind.toLowerCase()} ${shellWord(workload.name)} -n ${service.namespace} --replicas=${needed}`,
    ],
  }
}
