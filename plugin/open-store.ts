import { readYaml } from './read-yaml.ts'
import { escaped } from '../shared/objects/text/escaped.ts'
import type { Provider } from '../shared/routing/provider.ts'
import type { Store } from '../shared/view/store.ts'
import type { GlobalFlags } from './flags/global-flags.ts'
import { formatRequest } from './print/requests.ts'
import { readText, type Streams } from './streams.ts'

/** What a run rests on besides its words and streams. Tests hand in their own. */
export interface Backend {
  readonly openStore: OpenStore
  /** The routing APIs; all that there are when left out. */
  readonly providers?: readonly Provider[]
}

/** Opens what the flags name. */
export type OpenStore = (flags: GlobalFlags, streams: Streams) => Promise<Store>

/**
 * Files with `-f`, a kustomization with `-k`, else the cluster; each is loaded only when it is used, because the Kubernetes client alone
 * costs more than all the rest.
 */
export const openStore: OpenStore = async (flags, streams) =>
  flags.files.length > 0 || flags.kustomization !== undefined
    ? openFiles(flags, streams)
    : openLive(flags, streams)

/**
 * Standard input is opened only where it is read: that alone takes milliseconds. Its edited documents are the
 * result, unless another one is asked for with `-o`.
 */
async function openFiles(
  { files, kustomization, namespace, output }: GlobalFlags,
  streams: Streams,
): Promise<Store> {
  const { openManifests } = await import('../shared/manifests/open-manifests.ts')
  return openManifests({
    paths: files,
    kustomization,
    namespace,
    stdin: () => readText(streams.stdin),
    build: async folder => (await import('./read/run-kustomize.ts')).runKustomize(folder, streams.env),
    write: text => {
      if (output === undefined) streams.stdout.write(text)
    },
  })
}

async function openLive({ connection, namespace, verbosity }: GlobalFlags, streams: Streams): Promise<Store> {
  const { env, stderr, interrupt } = streams
  // Node reads its authorities on another thread as soon as this is loaded, and the first connection waits for them.
  await import('node:tls')
  const { openCluster } = await import('../shared/live/open-cluster.ts')
  return openCluster(
    { ...connection, namespace },
    {
      env,
      parseYaml: readYaml,
      formatYaml: async value => (await import('yaml')).stringify(value, { lineWidth: 0 }),
      onWarning: text => stderr.write(`Warning: ${escaped(text)}\n`),
      briefNotes: verbosity === 0,
      ...(verbosity >= 6 && {
        onAnswer: answered => stderr.write(`${formatRequest(answered, streams.now())}\n`),
      }),
      // Asked only where a credential program is run: it opens standard input, which takes milliseconds.
      get isInteractive() {
        return streams.stdin.isTTY === true
      },
      signal: interrupt,
    },
  )
}
