import assert from 'node:assert/strict'
import { openStore } from '../../../plugin/open-store.ts'
import type { Service } from '../../../shared/objects/core.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { runCommand, words, type Ended } from '../run-command.ts'

const version = (name: string, labels: string): string => `
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { selector: { ${labels} }, ports: [{ name: http, port: 80 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  selector: { matchLabels: { ${labels} } }
  template:
    metadata: { labels: { ${labels} } }
    spec: { containers: [{ name: page, image: page }] }
`

/** Two versions of a page as the demo of API7 Cloud has them: told apart by their names. */
export const byName = ['v1', 'v2'].map(v => version(`error-page-${v}`, `app: error-page-${v}`)).join('---')

/** The same with labels that say the version. */
export const byLabel = ['v1', 'v2', 'v3']
  .map(v => version(`error-page-${v}`, `app: error-page, version: ${v}`))
  .join('---')

/** The page in a namespace of its own, and what people do there. */
export interface PageWorld {
  readonly cluster: Cluster
  readonly namespace: string
  /** Runs `kubectl canary …` as the admin. */
  canary(line: string): Promise<Ended>
  /** The same, which must end with 0. */
  does(line: string): Promise<Ended>
  /** The same, which must end with 3; the error with its hints. */
  refuses(line: string): Promise<string>
  /** Sets annotations by hand, as `kubectl annotate` does; null takes one away. */
  annotate(name: string, annotations: Readonly<Record<string, string | null>>): Promise<void>
  service(name: string): Promise<Service>
  /** What is written of API7 Cloud, and by us, on a Service. */
  said(name: string): Promise<Readonly<Record<string, string>>>
}

/** Makes the page; all Deployments are ready. */
export async function pageWorld(cluster: Cluster, objects = byName): Promise<PageWorld> {
  const namespace = await cluster.namespace()
  await cluster.apply(objects, { namespace })
  const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`
  const { items } = (await cluster.expect(deployments)) as { readonly items: readonly Service[] }
  for (const { metadata } of items)
    await cluster.expect(`${deployments}/${metadata.name}/status`, {
      method: 'PATCH',
      contentType: 'application/merge-patch+json',
      body: { status: { replicas: 1, readyReplicas: 1 } },
    })
  const path = (name: string): string => `/api/v1/namespaces/${namespace}/services/${name}`
  const canary = (line: string): Promise<Ended> =>
    runCommand([...words(line), '-n', namespace, '--kubeconfig', cluster.kubeconfig], {
      store: openStore,
      now: new Date(),
    })
  const ending = async (code: number, line: string): Promise<Ended> => {
    const ended = await canary(line)
    assert.equal(ended.code, code, `${line}: ${ended.stdout}${ended.stderr}`)
    return ended
  }
  const service = async (name: string): Promise<Service> => (await cluster.expect(path(name))) as Service
  return {
    cluster,
    namespace,
    canary,
    does: line => ending(0, line),
    refuses: async line => (await ending(3, line)).stderr,
    annotate: async (name, annotations) => {
      await cluster.expect(path(name), {
        method: 'PATCH',
        contentType: 'application/merge-patch+json',
        body: { metadata: { annotations } },
      })
    },
    service,
    said: async name => {
      const { 'kubectl.kubernetes.io/last-applied-configuration': _, ...others } =
        (await service(name)).metadata.annotations ?? {}
      return others
    },
  }
}
