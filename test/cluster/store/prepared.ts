/**
 * What etcd holds of a cluster that has just started, kept for the next ones: an API server that finds its roles and custom kinds takes half of
 * the CPU time to start of one that is told of each, writes it and describes all anew.
 */
import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ensureAssets } from '../assets.ts'
import type { ClusterOptions } from '../control-plane.ts'
import { readCrds } from '../crds.ts'
import type { Stored } from './etcd.ts'

const folder = join(import.meta.dirname, '../../../node_modules/.cache/clusters')

/** What an API server writes of itself and of its certificates, and what is to differ between clusters: they make it anew. */
const ofOneCluster =
  /^\/registry\/(?:leases|masterleases|peerserverleases|namespaces|events)\/|\/extension-apiserver-authentication$/

/** The file for clusters that start with the same; undefined for those whose API server has flags of its own. */
export async function preparedFile({
  crds = ['istio'],
  apiServerFlags,
}: ClusterOptions): Promise<string | undefined> {
  if (apiServerFlags !== undefined) return undefined
  const program = (await ensureAssets(['kube-apiserver']))['kube-apiserver']
  const { size, mtimeMs } = await stat(program)
  const key = JSON.stringify([program, size, mtimeMs, await Promise.all(crds.map(readCrds))])
  return join(folder, `${createHash('sha256').update(key).digest('hex').slice(0, 16)}.json`)
}

/** What is kept in a file; undefined if there is nothing yet. */
export async function prepared(file: string): Promise<Stored | undefined> {
  try {
    const entries = JSON.parse(await readFile(file, 'utf8')) as Stored extends ReadonlyMap<
      string,
      infer Entry
    >
      ? readonly (Entry & { readonly key: string })[]
      : never
    return new Map(entries.map(entry => [entry.key, entry]))
  } catch {
    return undefined
  }
}

/** Keeps what a cluster holds, whole or not at all. */
export async function prepare(file: string, stored: Stored): Promise<void> {
  const entries = [...stored.values()].filter(
    ({ key }) => !ofOneCluster.test(Buffer.from(key, 'base64').toString()),
  )
  await mkdir(folder, { recursive: true })
  const draft = `${file}.${process.pid}.draft`
  await writeFile(draft, JSON.stringify(entries))
  await rename(draft, file)
}
