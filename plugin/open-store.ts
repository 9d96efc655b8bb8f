import type { Store } from '../shared/view/store.ts'
import type { GlobalFlags } from './flags/global-flags.ts'
import { readAll, type Streams } from './streams.ts'

/** Opens what the flags name. Tests hand in stores of their own. */
export type OpenStore = (flags: GlobalFlags, streams: Streams) => Promise<Store>

/** Files with `-f`, else the cluster; each is loaded only when it is meant, because the Kubernetes client alone costs more than all the rest. */
export const openStore: OpenStore = async (flags, streams) => flags.files.length > 0 ? openFiles(flags, streams) : openLive(flags, streams)

async function openFiles({ files, namespace }: GlobalFlags, { stdin, stdout }: Streams): Promise<Store> {
  const { openManifests } = await import('../shared/manifests/open-manifests.ts')
  return openManifests({ paths: files, namespace, stdin: () => readAll(stdin), write: (text: string) => stdout.write(text) })
}

async function openLive({ connection, namespace }: GlobalFlags, { env, stderr }: Streams): Promise<Store> {
  const { openCluster } = await import('../shared/live/open-cluster.ts')
  return openCluster({ ...connection, namespace, env, warn: (text: string) => stderr.write(`${text}\n`) })
}
