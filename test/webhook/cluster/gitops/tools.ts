/** Flux and Argo CD as the API server sees them: what they send, in which order, and when they stop. */
import type { Answer } from '../../../cluster/apply/asked.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import type { Manifest, Release } from './releases.ts'

/** A tool that makes a namespace hold what a revision says. */
export interface Deployer {
  /**
   * Applies a revision over the one before, as often as the tool tries; resolves with the refusals of the last
   * attempt, none if all was applied.
   */
  deploy(release: Release, before: Release): Promise<readonly string[]>
}

const attempts = 6
const plurals: Readonly<Record<string, string>> = {
  Service: 'services',
  Deployment: 'deployments',
  DestinationRule: 'destinationrules',
  VirtualService: 'virtualservices',
}

/** Where the API serves an object. */
export const pathOf = ({ apiVersion, kind, metadata }: Manifest, namespace: string): string =>
  `${apiVersion.includes('/') ? '/apis' : '/api'}/${apiVersion}/namespaces/${namespace}/${plurals[kind]}/${metadata.name}`

/** The order of both tools for these kinds: custom resources come last, by name. */
const inOrder = (release: Release): Release =>
  release.toSorted(
    (a, b) =>
      Object.keys(plurals).indexOf(a.kind) - Object.keys(plurals).indexOf(b.kind)
      || a.metadata.name.localeCompare(b.metadata.name),
  )
const isSame = (a: Manifest, b: Manifest): boolean => a.kind === b.kind && a.metadata.name === b.metadata.name
const gone = (release: Release, before: Release): Release =>
  before.filter(object => !release.some(other => isSame(object, other)))

const messageOf = ({ status, body }: Answer): readonly string[] =>
  status < 400 ? [] : [(body as { readonly message: string }).message]

async function repeatedly(attempt: () => Promise<readonly string[]>): Promise<readonly string[]> {
  let refusals: readonly string[] = []
  for (let i = 0; i < attempts; i++) {
    refusals = await attempt()
    if (refusals.length === 0) break
  }
  return refusals
}

/** Flux's kustomize-controller: a dry run of all, then each, then what is gone; the first refusal ends an attempt. */
export function flux(cluster: Cluster, namespace: string): Deployer {
  const labels = {
    'kustomize.toolkit.fluxcd.io/name': 'shop',
    'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
  }
  const apply = (object: Manifest, query: string): Promise<Answer> =>
    cluster.request(`${pathOf(object, namespace)}?fieldManager=kustomize-controller&force=true${query}`, {
      method: 'PATCH',
      body: { ...object, metadata: { ...object.metadata, labels } },
      contentType: 'application/apply-patch+yaml',
    })
  return {
    deploy: (release, before) =>
      repeatedly(async () => {
        for (const query of ['&dryRun=All', '']) {
          for (const object of inOrder(release)) {
            const refusal = messageOf(await apply(object, query))
            if (refusal.length > 0) return refusal
          }
        }
        for (const object of gone(release, before)) {
          const answer = await cluster.request(pathOf(object, namespace), { method: 'DELETE' })
          if (answer.status !== 404 && answer.status >= 400) return messageOf(answer)
        }
        return []
      }),
  }
}

/** Argo CD's application controller: prunes all at once, then applies kind by kind as `kubectl apply` does. */
export function argo(cluster: Cluster, namespace: string): Deployer {
  const marked = ({ kind, apiVersion, metadata, ...rest }: Manifest): Manifest => ({
    ...rest,
    kind,
    apiVersion,
    metadata: {
      ...metadata,
      annotations: {
        'argocd.argoproj.io/tracking-id': `shop:${apiVersion.split('/')[0]}/${kind}:${namespace}/${metadata.name}`,
      },
    },
  })
  const apply = async (objects: Release): Promise<readonly string[]> => {
    const { code, stderr } = await cluster.kubectl(
      ['apply', '-n', namespace, '--field-manager=argocd-controller', '-f', '-'],
      { stdin: objects.map(object => JSON.stringify(marked(object))).join('\n---\n') },
    )
    return code === 0 ? [] : [stderr]
  }
  return {
    deploy: (release, before) =>
      repeatedly(async () => {
        const pruned = await Promise.all(
          gone(release, before).map(object =>
            cluster.request(pathOf(object, namespace), { method: 'DELETE' }),
          ),
        )
        const refusals = pruned.filter(({ status }) => status !== 404).flatMap(messageOf)
        if (refusals.length > 0) return refusals
        for (const [, objects] of Map.groupBy(inOrder(release), ({ kind }) => kind)) {
          const refusal = await apply(objects)
          if (refusal.length > 0) return refusal
        }
        return []
      }),
  }
}
