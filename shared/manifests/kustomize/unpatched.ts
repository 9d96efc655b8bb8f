import { basename, dirname, resolve } from 'node:path'
import type { KubeObject } from '../../objects/kube-object.ts'
import { isKind } from '../../objects/kinds.ts'
import type { SourceFile } from '../files/find-files.ts'
import type { ManifestObject } from '../manifest.ts'
import type { Manifests } from '../read-manifests.ts'
import { placeOf } from '../manifest.ts'
import { kustomizeGraph, reachOf, type KustomizeGraph } from './graph.ts'
import { kustomizationNames, type ReadYaml } from './kustomization.ts'

/** The kustomizations among files and all that they take; undefined where there is none. */
export async function graphIn(
  files: readonly SourceFile[],
  read: ReadYaml,
): Promise<KustomizeGraph | undefined> {
  const folders = files.flatMap(({ path }) =>
    path !== undefined && kustomizationNames.has(basename(path)) ? [dirname(resolve(path))] : [],
  )
  if (folders.length === 0) return undefined
  const graph = await kustomizeGraph(folders, read)
  return graph.byFolder.size === 0 ? undefined : graph
}

/**
 * The manifests without what is no object beside kustomizations: files that one of them names as patches, what
 * components bring, and objects that no API server would take as they stand.
 */
export function withoutPatches(manifests: Manifests, graph: KustomizeGraph): Manifests {
  const kustomizations = new Set([...graph.byFolder.values()].map(({ file }) => file))
  const patches = new Set([...graph.byFolder.values()].flatMap(one => one.patches))
  const optional = new Set(
    [...graph.byFolder.values()]
      .filter(({ isComponent }) => isComponent)
      .flatMap(one => reachOf(one, graph).flatMap(({ resources }) => resources)),
  )
  const whyNot = ({ object, document: { file } }: ManifestObject): string | undefined => {
    const path = file.path === undefined ? undefined : resolve(file.path)
    if (path !== undefined && patches.has(path)) return 'is a patch of a kustomization'
    if (path !== undefined && optional.has(path)) return 'belongs to a component of a kustomization'
    const lack = lackOf(object)
    return lack === undefined ? undefined : `is taken for a patch: it has no ${lack}`
  }
  const judged = manifests.objects.map(one => ({ one, reason: whyNot(one) }))
  return {
    ...manifests,
    objects: judged.flatMap(({ one, reason }) => (reason === undefined ? [one] : [])),
    skipped: [
      ...manifests.skipped.filter(({ file }) => !kustomizations.has(resolve(file))),
      ...judged.flatMap(({ one: { ref, document }, reason }) =>
        reason === undefined
          ? []
          : [
              {
                why: 'other-kind' as const,
                ...placeOf(document.file, document.section.start),
                reason: `${ref.kind} ${ref.name} ${reason}`,
              },
            ],
      ),
    ],
  }
}

/**
 * What an object lacks without which an API server refuses it (the validations of Kubernetes, and those of
 * Istio's CRDs and webhook).
 */
function lackOf(object: KubeObject): string | undefined {
  const spec = (Reflect.get(object, 'spec') ?? {}) as Readonly<Record<string, unknown>>
  const needed = isKind('Service', object) ? needsOfService(spec) : (needs[object.kind] ?? [])
  return needed.find(({ fields }) => fields.every(field => spec[field] === undefined))?.what
}

interface Need {
  /** One of these must be there. */
  readonly fields: readonly string[]
  readonly what: string
}

const needsOfService = (spec: Readonly<Record<string, unknown>>): readonly Need[] =>
  spec['type'] === 'ExternalName' || spec['clusterIP'] === 'None'
    ? []
    : [{ fields: ['ports'], what: 'ports' }]

/** Workloads must say which pods are theirs (apps/v1). */
const ofWorkloads: readonly Need[] = [
  { fields: ['selector'], what: 'selector' },
  { fields: ['template'], what: 'pod template' },
]
const needs: Readonly<Record<string, readonly Need[]>> = {
  DestinationRule: [{ fields: ['host'], what: 'host' }],
  Gateway: [{ fields: ['servers'], what: 'servers' }],
  VirtualService: [{ fields: ['http', 'tcp', 'tls'], what: 'routes' }],
  Deployment: ofWorkloads,
  StatefulSet: ofWorkloads,
  DaemonSet: ofWorkloads,
  ReplicaSet: ofWorkloads,
}
