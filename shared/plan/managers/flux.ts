import type { KubeObject } from '../../objects/kube-object.ts'
import { refOf, resources } from '../../objects/kinds.ts'
import { shellWord } from '../../objects/text/kubectl-commands.ts'
import { fieldsOf, textOf, textsOf } from '../../objects/unchecked.ts'
import type { Change } from '../../view/change.ts'
import type { OwnerRef } from '../../view/store.ts'
import { changesOnlyIgnored } from './ignored-fields.ts'
import { entriesOf, identityOf, marksOf, ownerKey, type ApplyingTool, type Owners } from './applying-tool.ts'

/** The HelmRelease whose mark an object has, to be read. */
export function helmReleaseOf(object: KubeObject): OwnerRef | undefined {
  const said = marksOf(object)
  const [name, namespace] = [said('helm.toolkit.fluxcd.io/name'), said('helm.toolkit.fluxcd.io/namespace')]
  return name === undefined || namespace === undefined
    ? undefined
    : {
        group: 'helm.toolkit.fluxcd.io',
        plural: 'helmreleases',
        versions: ['v2', 'v2beta2'],
        namespace,
        name,
      }
}

/** Flux, where it applies the object and has not been told on the object to leave it. */
export function flux(change: Change, owners: Owners): ApplyingTool | undefined {
  const said = marksOf(change.before!)
  const [kustomization, release] = [
    said('kustomize.toolkit.fluxcd.io/name'),
    said('helm.toolkit.fluxcd.io/name'),
  ]
  if (kustomization !== undefined) return byKustomization(change, kustomization)
  return release === undefined ? undefined : byRelease(change, release, owners)
}

/** https://fluxcd.io/flux/components/kustomize/kustomizations/#controlling-the-apply-behavior-of-resources */
function byKustomization({ before }: Change, name: string): ApplyingTool | undefined {
  const prefix = 'kustomize.toolkit.fluxcd.io'
  const said = (key: string): string | undefined => marksOf(before!)(`${prefix}/${key}`)?.toLowerCase()
  const isLeft = said('reconcile') === 'disabled' || ['ifnotpresent', 'ignore'].includes(said('ssa') ?? '')
  if (isLeft) return undefined
  return {
    tool: 'Flux',
    owner: `the Kustomization ${name}`,
    reverts: true,
    rule: [`To have Flux leave it: ${annotateCommand(before!, `${prefix}/reconcile=disabled`)}`],
  }
}

/** https://fluxcd.io/flux/components/helm/helmreleases/#drift-detection */
function byRelease({ before, after }: Change, name: string, owners: Owners): ApplyingTool {
  const annotation = 'helm.toolkit.fluxcd.io/driftDetection'
  const ref = helmReleaseOf(before!)
  const release = ref && owners.get(ownerKey(ref))
  const isLeft = marksOf(before!)(annotation)?.toLowerCase() === 'disabled'
  const keeps = release === undefined ? undefined : keepingOf(release, { before, after })
  const isCorrected = release === undefined || driftOf(release)['mode'] === 'enabled'
  return {
    tool: 'Flux',
    owner: `the HelmRelease ${name}`,
    reverts: !isLeft && isCorrected && keeps === undefined,
    rule: [
      ...(release === undefined
        ? [`The HelmRelease ${name} could not be read: whether it ignores this edit already is not known.`]
        : []),
      `To have Flux leave it: ${annotateCommand(before!, `${annotation}=disabled`)}`,
      'The next upgrade of the release still overwrites the edit.',
    ],
    ...(isCorrected && keeps !== undefined && { keeps }),
  }
}

function annotateCommand(object: KubeObject, annotation: string): string {
  const { kind, namespace, name } = refOf(object)
  const { group, plural } = resources[kind]
  const resource = group === '' ? plural : `${plural}.${group}`
  return `kubectl annotate ${resource} ${shellWord(name)} -n ${shellWord(namespace)} ${annotation}`
}

const driftOf = (release: KubeObject): Readonly<Record<string, unknown>> =>
  fieldsOf(fieldsOf(Reflect.get(release, 'spec'))['driftDetection'])

function keepingOf(release: KubeObject, { before, after }: Change): string | undefined {
  if (before === undefined || after === undefined) return undefined
  const rules = entriesOf(driftOf(release)['ignore']).filter(({ target }) => isFor(target, before))
  const pointers = rules.flatMap(({ paths }) => textsOf(paths))
  return changesOnlyIgnored(before, after, { pointers, jqPaths: [] })
    ? `driftDetection of the HelmRelease ${release.metadata.namespace ?? ''}/${release.metadata.name}, until its next upgrade`
    : undefined
}

/** Each is a regular expression for the whole; with selectors of labels it is not known. */
function isFor(target: unknown, before: KubeObject): boolean {
  const wanted = fieldsOf(target)
  if (wanted['labelSelector'] !== undefined || wanted['annotationSelector'] !== undefined) return false
  const [version = ''] = before.apiVersion.split('/').slice(-1)
  const object: Readonly<Record<string, string>> = { ...identityOf(before), version }
  return Object.entries(object).every(([key, actual]) => {
    const pattern = textOf(wanted[key])
    return pattern === undefined || isWhole(pattern, actual)
  })
}

function isWhole(pattern: string, text: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`).test(text)
  } catch {
    return false
  }
}
