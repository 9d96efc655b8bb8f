import { randomUUID } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** The groups of an API server and their versions, as it tells them itself and as kubectl keeps them. */
export interface ApiGroup {
  readonly name: string
  readonly versions: readonly { readonly groupVersion: string; readonly version: string }[]
  readonly preferredVersion?: { readonly groupVersion: string; readonly version: string }
}

/** What is kept on disk of what an API server serves. A cache that cannot be read or written is none. */
export interface DiscoveryCache {
  read(): Promise<readonly ApiGroup[] | undefined>
  write(groups: readonly ApiGroup[]): Promise<void>
}

/** Milliseconds that kubectl believes what it kept. */
const lifetime = 6 * 60 * 60_000

/** Where kubectl keeps what it knows of clusters; undefined where there is no home folder. */
export const cacheDirOf = (
  flag: string | undefined,
  { KUBECACHEDIR, HOME, USERPROFILE }: Readonly<Record<string, string | undefined>>,
): string | undefined => {
  const home = HOME || USERPROFILE
  return flag || KUBECACHEDIR || (home ? join(home, '.kube', 'cache') : undefined)
}

/** kubectl's cache of one server (cli-runtime, computeDiscoverCacheDir): both can use what the other has kept. */
export function discoveryCache(cacheDir: string, server: string): DiscoveryCache {
  const host = server.replace(/^https?:\/\//, '').replaceAll(/[^(\w/.)]/g, '_')
  const file = join(cacheDir, 'discovery', host, 'servergroups.json')
  return {
    read: () => readGroups(file).catch(() => undefined),
    write: groups => writeGroups(file, groups).catch(() => {}),
  }
}

async function readGroups(file: string): Promise<readonly ApiGroup[] | undefined> {
  const { mtimeMs } = statSync(file)
  if (Date.now() - mtimeMs > lifetime) return undefined
  const { groups } = JSON.parse(readFileSync(file, 'utf8')) as { readonly groups?: unknown }
  return Array.isArray(groups) && groups.every(isGroup) ? groups : undefined
}

const isGroup = (value: unknown): value is ApiGroup => {
  const { name, versions } = (value ?? {}) as Partial<ApiGroup>
  return (
    typeof name === 'string'
    && Array.isArray(versions)
    && versions.every(one => typeof (one as { version?: unknown } | null)?.version === 'string')
  )
}

/** Whole or not at all: others may read it at the same time. */
async function writeGroups(file: string, groups: readonly ApiGroup[]): Promise<void> {
  await makeFolder(dirname(file))
  const draft = `${file}.${randomUUID()}.tmp`
  try {
    const text = JSON.stringify({ kind: 'APIGroupList', apiVersion: 'v1', groups })
    await writeFile(draft, `${text}\n`, { mode: 0o660, flag: 'wx' })
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

/** Step by step: Node's recursive `mkdir` never returns where a file system refuses folders as /proc does. */
async function makeFolder(folder: string): Promise<void> {
  const error = await tryFolder(folder)
  if (error?.code !== 'ENOENT' || dirname(folder) === folder) return
  await makeFolder(dirname(folder))
  await tryFolder(folder)
}

const tryFolder = (folder: string): Promise<NodeJS.ErrnoException | undefined> =>
  mkdir(folder, { mode: 0o750 }).then(
    () => undefined,
    (error: NodeJS.ErrnoException) => error,
  )
