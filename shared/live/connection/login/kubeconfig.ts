import { readFile } from 'node:fs/promises'
import { delimiter, dirname, isAbsolute, join, resolve, sep } from 'node:path'
import { CanaryError } from '../../../objects/canary-error.ts'
import type { ParseYaml } from '../../../view/mesh.ts'

/** One cluster as a kubeconfig spells it; paths are absolute. */
export interface KubeconfigCluster {
  readonly server?: string
  readonly 'certificate-authority'?: string
  readonly 'certificate-authority-data'?: string
  readonly 'insecure-skip-tls-verify'?: boolean
  readonly 'tls-server-name'?: string
  readonly 'proxy-url'?: string
  readonly 'disable-compression'?: boolean
  readonly extensions?: readonly { readonly name?: string; readonly extension?: unknown }[]
}

/** One user as a kubeconfig spells it; paths are absolute. */
export interface KubeconfigUser {
  readonly 'client-certificate'?: string
  readonly 'client-certificate-data'?: string
  readonly 'client-key'?: string
  readonly 'client-key-data'?: string
  readonly token?: string
  readonly tokenFile?: string
  readonly username?: string
  readonly password?: string
  readonly as?: string
  readonly 'as-uid'?: string
  readonly 'as-groups'?: readonly string[]
  readonly 'as-user-extra'?: Readonly<Record<string, readonly string[]>>
  readonly 'auth-provider'?: { readonly name?: string; readonly config?: Readonly<Record<string, string>> }
  readonly exec?: ExecConfig
  /** The file that says so. */
  readonly origin?: string
}

/** A program that hands out credentials. */
export interface ExecConfig {
  readonly command?: string
  readonly args?: readonly string[] | null
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null
  readonly apiVersion?: string
  readonly installHint?: string
  readonly provideClusterInfo?: boolean
  readonly interactiveMode?: string
}

export interface KubeconfigContext {
  readonly cluster?: string
  readonly user?: string
  readonly namespace?: string
}

/** All that the kubeconfig files say together. */
export interface Kubeconfig {
  /** The files that were looked for, present or not. */
  readonly files: readonly string[]
  readonly currentContext: string
  readonly clusters: ReadonlyMap<string, KubeconfigCluster>
  readonly users: ReadonlyMap<string, KubeconfigUser>
  readonly contexts: ReadonlyMap<string, KubeconfigContext>
}

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * The kubeconfig as kubectl loads it (client-go, ClientConfigLoadingRules): `--kubeconfig` alone and it must
 * exist, else the files of
 * `KUBECONFIG`, else `~/.kube/config`. Missing files are passed over; the first file to name something wins,
 * the current context included;
 * relative paths belong to the folder of their own file.
 */
export async function readKubeconfig(
  explicit: string | undefined,
  env: Environment,
  parseYaml: ParseYaml,
): Promise<Kubeconfig> {
  const files = filesOf(explicit, env)
  const documents = await Promise.all(
    files.map(file => readDocument(file, { mustExist: explicit !== undefined, parseYaml })),
  )
  const inOrder = files.map((file, i) => ({ file, document: documents[i]! }))
  return {
    files,
    currentContext:
      (documents
        .map(document => document['current-context'])
        .find(name => typeof name === 'string' && name !== '') as string | undefined) ?? '',
    clusters: firstByName(inOrder, { list: 'clusters', key: 'cluster' }, absoluteCluster),
    users: firstByName(inOrder, { list: 'users', key: 'user' }, absoluteUser),
    contexts: firstByName<KubeconfigContext>(
      inOrder,
      { list: 'contexts', key: 'context' },
      context => context,
    ),
  }
}

function filesOf(
  explicit: string | undefined,
  { KUBECONFIG, HOME, USERPROFILE }: Environment,
): readonly string[] {
  if (explicit !== undefined) return [resolve(explicit)]
  if (KUBECONFIG)
    return [...new Set(KUBECONFIG.split(delimiter).filter(file => file !== ''))].map(file => resolve(file))
  const home = HOME || USERPROFILE
  return home ? [join(home, '.kube', 'config')] : []
}

const another = 'Choose another file with --kubeconfig or KUBECONFIG.'

type Document = Readonly<Record<string, unknown>>

async function readDocument(
  file: string,
  { mustExist, parseYaml }: { readonly mustExist: boolean; readonly parseYaml: ParseYaml },
): Promise<Document> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' && !mustExist) return {}
    throw new CanaryError(
      'unreadable',
      `kubeconfig ${file}: ${code === 'ENOENT' ? 'the file does not exist' : (error as Error).message}`,
      { cause: error, hints: [another] },
    )
  }
  let document: unknown
  try {
    document = /^\s*\{/.test(text) ? jsonOrYaml(text, parseYaml) : parseYaml(text)
  } catch (error) {
    throw new CanaryError(
      'unreadable',
      `kubeconfig ${file}: ${(error as Error).message.split('\n', 1)[0]!.replace(/:$/, '')}`,
      { cause: error, hints: [`Fix the file. ${another}`] },
    )
  }
  if (document === null || document === undefined) return {}
  if (typeof document !== 'object' || Array.isArray(document))
    throw new CanaryError('unreadable', `kubeconfig ${file}: not a kubeconfig`)
  return document as Document
}

/** JSON needs no YAML parser, which takes longer to load than the file to read. */
function jsonOrYaml(text: string, parseYaml: ParseYaml): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return parseYaml(text)
  }
}

type InFile = { readonly file: string; readonly document: Document }
type SectionKeys = { readonly list: string; readonly key: string }

function firstByName<T>(
  inOrder: readonly InFile[],
  { list, key }: SectionKeys,
  absolute: (entry: T, file: string) => T,
): ReadonlyMap<string, T> {
  const found = new Map<string, T>()
  for (const { file, document } of inOrder) {
    const entries = document[list]
    if (!Array.isArray(entries)) continue
    for (const entry of entries as readonly (Record<string, unknown> | null)[]) {
      const name = entry?.['name']
      if (typeof name === 'string' && !found.has(name))
        found.set(name, absolute((entry?.[key] ?? {}) as T, file))
    }
  }
  return found
}

const absoluteCluster = (cluster: KubeconfigCluster, file: string): KubeconfigCluster =>
  withAbsolute(cluster, ['certificate-authority'], file)

function absoluteUser(user: KubeconfigUser, file: string): KubeconfigUser {
  const paths = {
    ...withAbsolute(user, ['client-certificate', 'client-key', 'tokenFile'], file),
    origin: file,
  }
  const { exec } = user
  // A bare command is looked up on the PATH.
  return exec?.command?.includes(sep) ? { ...paths, exec: withAbsolute(exec, ['command'], file) } : paths
}

function withAbsolute<T extends object>(object: T, keys: readonly (keyof T)[], file: string): T {
  const changed = keys.filter(key => object[key]).map(key => [key, fromFolder(String(object[key]), file)])
  return changed.length === 0 ? object : { ...object, ...Object.fromEntries(changed) }
}

const fromFolder = (path: string, file: string): string =>
  isAbsolute(path) ? path : join(dirname(file), path)
