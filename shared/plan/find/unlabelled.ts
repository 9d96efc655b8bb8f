import { keyOf, type Kind, type KubeObject, type Labels, type Ref } from '../../objects/kube-object.ts'
import { labelCommand, patchCommand } from '../../objects/text/kubectl-commands.ts'
import { workloadKinds } from '../../objects/kinds.ts'
import { likelyVersion, versionInLabels, versionInName } from '../../objects/labels.ts'
import { formatValue } from '../../objects/paths.ts'
import { fieldsOf, labelsOf } from '../../objects/unchecked.ts'
import type { ServiceReading } from '../../routing/provider.ts'
import { initCommand } from '../intent.ts'

/** What a service is prepared by. */
export type UnlabelledService = Pick<
  ServiceReading,
  'service' | 'subjects' | 'complete' | 'view' | 'isOutsideMesh'
>

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
  const { service, subjects, view, complete } = reading
  const workloads = subjects.filter(ref => podMakers.has(ref.kind) && view.get(ref) !== undefined)
  const lack = lackOf(reading)
  const named = view.get({ kind: 'Service', namespace: service.namespace, name: service.name })?.spec
  if (named?.type === 'ExternalName')
    return [
      `Service ${service.name} is another name for ${named.externalName ?? 'a host'} and selects no pods: it has no versions.`,
      'Give it a selector in place of type: ExternalName, or name a Service that has one.',
    ]
  if (workloads.length === 0)
    return [
      lack,
      complete
        ? `Deploy workloads whose pods have the labels of the Service and version: ${formatValue(said)}.`
        : `Name the files that have its DestinationRule or its workloads, too: -f is repeatable. Or add workloads whose pods have the labels of the Service and version: ${formatValue(said)}.`,
    ]
  const labels = versionsOf(reading, workloads, { said, isStable })
  const stable =
    isStable && labels.includes(said) ? said : (labels.find(label => label !== said) ?? labels[0]!)
  const isSeveral = workloads.length > 1
  return [
    lack,
    isSeveral
      ? 'Label the pods of each workload as the version that it is, such as these; this restarts them:'
      : `Label the pods that run now as the stable version, such as ${stable}; this restarts them:`,
    ...workloads.map((ref, i) => `  ${labelling(reading, ref, labels[i]!)}`),
    ...nextSteps(reading, { said, isStable, stable, isThere: labels.includes(said) }),
  ]
}

/** What is missing: without a mesh there are no subsets. */
const lackOf = ({ service, complete, isOutsideMesh }: UnlabelledService): string =>
  isOutsideMesh === true
    ? `No workload behind ${service.name}${complete ? '' : ' in these files'} carries a label "version".`
    : `${complete ? service.name : `In these files ${service.name}`} has no subset, and no workload behind it carries a label "version".`

interface Said {
  readonly said: string
  readonly isStable: boolean
}

/**
 * The versions of workloads by their other labels or their names; one that says none is the stable version, or the
 * next number.
 */
function versionsOf(
  { service, view }: UnlabelledService,
  workloads: readonly Ref[],
  { said, isStable }: Said,
): readonly string[] {
  const taken = new Set<string>()
  const labels = workloads.map(ref => podLabelsOf(view.get(ref)))
  const named = workloads.map(({ name }, i) => {
    const version = versionInLabels(labels[i]!, labels) ?? versionInName(name, service.name, taken)
    if (version !== undefined) taken.add(version)
    return version
  })
  const stable = isStable ? said : said === 'v1' ? 'stable' : 'v1'
  return named.map((version, i) => {
    const given =
      version ?? (taken.has(stable) ? likelyVersion(workloads[i]!.name, service.name, taken) : stable)
    taken.add(given)
    return given
  })
}

const podLabelsOf = (object: KubeObject | undefined): Labels => {
  if (object?.kind === 'Pod') return labelsOf(object.metadata.labels)
  return labelsOf(fieldsOf(fieldsOf(fieldsOf(fieldsOf(object)['spec'])['template'])['metadata'])['labels'])
}

function nextSteps(
  { service, complete }: UnlabelledService,
  { said, isStable, stable, isThere }: Said & { readonly stable: string; readonly isThere: boolean },
): readonly string[] {
  if (isStable) return [`Then repeat this command${isThere ? '' : ` with --stable ${stable}`}.`]
  const prepare = complete
    ? `Then prepare the Service: ${initCommand(service, stable)}`
    : `Then run init --stable ${stable} on the same files.`
  return isThere
    ? [prepare, 'Then repeat this command.']
    : [
        prepare,
        `Then deploy ${said} beside it, with pods labelled version: ${formatValue(said)}, and repeat this command.`,
      ]
}

/** The command for a cluster; for files what to write in them. */
function labelling({ complete }: UnlabelledService, ref: Ref, version: string): string {
  const labels = ref.kind === 'Pod' ? 'metadata.labels' : 'spec.template.metadata.labels'
  if (!complete) return `Set ${labels}.version: ${formatValue(version)} in ${keyOf(ref)}`
  return ref.kind === 'Pod'
    ? labelCommand(ref, 'version', version)
    : patchCommand(ref, 'merge', { spec: { template: { metadata: { labels: { version } } } } })
}
