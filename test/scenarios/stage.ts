import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { openStore } from '../../plugin/open-store.ts'
import type { VirtualService } from '../../shared/objects/virtual-service.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { clusterTests } from '../cluster/cluster-test.ts'
import { runCommand, words, type Ended } from '../plugin/run-command.ts'

/** Where a scenario plays: an example's objects, in a folder or on a real API server, and what a person types there. */
export interface Stage {
  readonly kind: 'files' | 'cluster'
  /** Runs `kubectl canary …` on the example. */
  canary(line: string): Promise<Ended>
  virtualService(name: string): Promise<VirtualService>
  /** Everything that the example consists of, to compare before and after: file bytes, or the objects' own content. */
  state(): Promise<unknown>
}

const examples = join(import.meta.dirname, '../../examples')

/** One test on files and the same on a real API server; the title is a sentence. */
export function scenario(title: string, example: string, play: (stage: Stage) => Promise<void>): void {
  void test(`${title}, on files`, async context => {
    const folder = mkdtempSync(join(tmpdir(), 'canary-scenario-'))
    context.after(() => rmSync(folder, { recursive: true, force: true }))
    cpSync(join(examples, example), folder, { recursive: true })
    await play(onFiles(folder, namespaceOf(example)))
  })
  onCluster(`${title}, on an API server`, async cluster => {
    const namespace = namespaceOf(example)
    const stage = await onApiServer(cluster, { example, namespace })
    try {
      await play(stage)
    } finally {
      await clear(cluster, namespace)
    }
  })
}

const onCluster = clusterTests()
const namespaceOf = (example: string): string =>
  ({ catalog: 'istioinaction', flagger: 'istioinaction', shop: 'onlineboutique', 'forty-routes': 'shop' })[
    example
  ] ?? 'default'

function onFiles(folder: string, namespace: string): Stage {
  const files = () =>
    readdirSync(folder)
      .toSorted()
      .map(name => ({ name, text: readFileSync(join(folder, name), 'utf8') }))
  return {
    kind: 'files',
    canary: line => runCommand([...words(line), '-f', folder, '-n', namespace], { store: openStore }),
    virtualService: async name => {
      const documents = files()
        .flatMap(({ text }) => parseAllDocuments(text))
        .map(document => document.toJS() as VirtualService | null)
      const found = documents.find(
        object => object?.kind === 'VirtualService' && object.metadata.name === name,
      )
      if (found === undefined || found === null) throw new Error(`no VirtualService ${name} in ${folder}`)
      return found
    },
    state: async () => files(),
  }
}

async function onApiServer(
  cluster: Cluster,
  { example, namespace }: { readonly example: string; readonly namespace: string },
): Promise<Stage> {
  await cluster.kubectl(['create', 'namespace', namespace])
  const texts = readdirSync(join(examples, example))
    .toSorted()
    .map(name => readFileSync(join(examples, example, name), 'utf8'))
  const kept = texts
    .flatMap(text => text.split(/^---$/m))
    .filter(text => !/^kind: Canary$/m.test(text) && /^kind: /m.test(text))
  await cluster.kubectl(['create', 'namespace', 'istio-system'])
  await cluster.apply(kept.join('\n---\n'), /^ {2}namespace:/m.test(kept[0] ?? '') ? {} : { namespace })
  await makeReady(cluster, namespace)
  return {
    kind: 'cluster',
    canary: line =>
      runCommand([...words(line), '-n', namespace, '--kubeconfig', cluster.kubeconfig], { store: openStore }),
    virtualService: async name =>
      JSON.parse(
        (await cluster.kubectl(['get', 'virtualservice', name, '-n', namespace, '-o', 'json'])).stdout,
      ) as VirtualService,
    state: async () => {
      const { items } = JSON.parse(
        (await cluster.kubectl(['get', 'virtualservices,destinationrules', '-n', namespace, '-o', 'json']))
          .stdout,
      ) as { items: readonly VirtualService[] }
      return items.map(({ spec, metadata: { name, labels, annotations } }) => ({
        name,
        labels,
        annotations,
        spec,
      }))
    },
  }
}

/** There is no kubelet: the Deployments say themselves that they are ready. */
async function makeReady(cluster: Cluster, namespace: string): Promise<void> {
  const { stdout } = await cluster.kubectl(['get', 'deployments', '-n', namespace, '-o', 'name'])
  for (const name of stdout.split('\n').filter(line => line !== '')) {
    await cluster.kubectl([
      'patch',
      name,
      '-n',
      namespace,
      '--subresource=status',
      '--type=merge',
      '-p',
      '{"status":{"replicas":1,"readyReplicas":1,"availableReplicas":1}}',
    ])
  }
}

/** Without a namespace controller a namespace never goes, so its objects are deleted by kind. */
async function clear(cluster: Cluster, namespace: string): Promise<void> {
  await cluster.kubectl([
    'delete',
    'virtualservices,destinationrules,gateways.networking.istio.io,services,deployments',
    '--all',
    '-n',
    namespace,
  ])
}
