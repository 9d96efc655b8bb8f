import { keyOf, type Kind, type Ref } from '../../objects/kube-object.ts'
import { labelCommand, patchCommand } from '../../objects/text/kubectl-commands.ts'
import { workloadKinds } from '../../objects/kinds.ts'
import type { ServiceReading } from '../../routing/provider.ts'
import { initCommand } from '../intent.ts'

/** What a service is prepared by. */
export type UnlabelledService = Pick<ServiceReading, 'service' | 'subjects' | 'complete' | 'view'>

const podMakers: ReadonlySet<Kind> = new Set([...workloadKinds, 'Pod'])

/**
 * How a service whose pods say no version gets its versions: what runs now is the stable one, whichever version was
 * asked for, and the new one comes beside it.
 */
export function unlabelledHints(
  reading: UnlabelledService,
  said: string,
  isStable: boolean,
): readonly string[] {
  const { service, subjects, view } = reading
  const workloads = subjects.filter(ref => podMakers.has(ref.kind) && view.get(ref) !== undefined)
  const lack = `${service.name} has no subset, and no workload behind it carries a label "version".`
  if (workloads.length === 0)
    return [lack, `Deploy workloads whose pods have the labels of the Service and version: ${said}.`]
  const stable = isStable ? said : said === 'v1' ? 'stable' : 'v1'
  return [
    lack,
    `Label the pods that run now as the stable version, such as ${stable}; this restarts them:`,
    ...workloads.map(ref => `  ${labelling(reading, ref, versionIn(ref.name) ?? stable)}`),
    ...(isStable
      ? ['Then repeat this command.']
      : [
          reading.complete
            ? `Then prepare the Service: ${initCommand(service, stable)}`
            : `Then run init --stable ${stable} on the same files.`,
          `Then deploy ${said} beside it, with pods labelled version: ${said}, and repeat this command.`,
        ]),
  ]
}

/** `catalog-v2` is v2. */
const versionIn = (name: string): string | undefined => /-(v\d+)$/.exec(name)?.[1]

/** The command for a cluster; for files what to write in them. */
function labelling({ complete }: UnlabelledService, ref: Ref, version: string): string {
  const labels = ref.kind === 'Pod' ? 'metadata.labels' : 'spec.template.metadata.labels'
  if (!complete) return `Set ${labels}.version: ${version} in ${keyOf(ref)}`
  return ref.kind === 'Pod'
    ? labelCommand(ref, 'version', version)
    : patchCommand(ref, 'merge', { spec: { template: { metadata: { labels: { version } } } } })
}
