import { refOf } from '../../objects/kinds.ts'
import type { KubeObject } from '../../objects/kube-object.ts'
import type { Note } from '../../routing/note.ts'
import type { Change } from '../../view/change.ts'

/**
 * The marks that GitOps tools and Helm leave on what they apply. Files carry none that matter: there the
 * files are the source.
 */
const marks: readonly { readonly key: string; readonly tool: string }[] = [
  { key: 'kustomize.toolkit.fluxcd.io/name', tool: 'Flux' },
  { key: 'helm.toolkit.fluxcd.io/name', tool: 'Flux' },
  { key: 'argocd.argoproj.io/tracking-id', tool: 'Argo CD' },
  { key: 'argocd.argoproj.io/instance', tool: 'Argo CD' },
  { key: 'meta.helm.sh/release-name', tool: 'Helm' },
]

/** A note for each changed object of a cluster that Flux, Argo CD or Helm applies, and may set back. */
export function managersOf(changes: readonly Change[]): readonly Note[] {
  return changes.flatMap(({ before }) => {
    const tool = before?.metadata.uid === undefined ? undefined : toolOf(before)
    return before === undefined || tool === undefined
      ? []
      : [{ kind: 'applied-by' as const, object: refOf(before), tool }]
  })
}

const toolOf = ({ metadata }: KubeObject): string | undefined =>
  marks.find(({ key }) => metadata.labels?.[key] !== undefined || metadata.annotations?.[key] !== undefined)
    ?.tool
