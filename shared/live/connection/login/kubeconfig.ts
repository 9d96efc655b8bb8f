import { delimiter, dirname, join, resolve } from 'node:path'
import { KubeConfig } from '@kubernetes/client-node/dist/config.js'
import { CanaryError } from '../../../objects/canary-error.ts'
import { readSmallFile } from '../../corrections/read-small-file.ts'
import type { ParseYaml } from '../../../view/mesh.ts'
import { clustersOf, contextsOf, usersOf } from '../../corrections/entries.ts'
import type { Environment } from '../../corrections/exec/exec-info.ts'
import { firstFileWins } from '../../corrections/first-file-wins.ts'
import { withAbsolutePaths } from '../../corrections/relative-paths.ts'

/** All that the kubeconfig files say together. */
export interface LoadedKubeconfig {
  /** The files that were looked for, present or not. */
  readonly files: readonly string[]
  readonly config: KubeConfig
}

/**
 * The kubeconfig as kubectl loads it (client-go, ClientConfigLoadingRules): `--kubeconfig` alone and it must
 * exist, else the files of `KUBECONFIG`, else `~/.kube/config`. Missing files are passed over, where upstream's
 * `loadFromDefault` fails. Throws a CanaryError for a file that cannot be read.
 */
export async function readKubeconfig(
  explicit: string | undefined,
  env: Environment,
  parseYaml: ParseYaml,
): Promise<LoadedKubeconfig> {
  const files = filesOf(explicit, env)
  const read = async (file: string): Promise<KubeConfig> => {
    const text = await textOf(file, explicit !== undefined)
    return configOf(text === undefined ? {} : await documentOf(text, file, parseYaml), file)
  }
  return { files, config: firstFileWins(await Promise.all(files.map(read))) }
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

type Document = Readonly<Record<string, unknown>>

/** Not `loadFromString`, whose reader of YAML is another one than ours, and which wants complete entries. */
function configOf(document: Document, file: string): KubeConfig {
  const config = new KubeConfig()
  const folder = dirname(file)
  const current = document['current-context']
  config.loadFromOptions({
    clusters: clustersOf(document['clusters']),
    users: usersOf(document['users'], file).map(user => withAbsolutePaths(user, folder)),
    contexts: contextsOf(document['contexts']),
    currentContext: typeof current === 'string' ? current : '',
  })
  config.makePathsAbsolute(folder)
  return config
}

const another = 'Choose another file with --kubeconfig or KUBECONFIG.'

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'the file does not exist',
  EISDIR: 'it is a folder',
}

async function textOf(file: string, mustExist: boolean): Promise<string | undefined> {
  try {
    return await readSmallFile(file)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' && !mustExist) return undefined
    const why = reasons[code ?? ''] ?? message
    throw new CanaryError('unreadable', `kubeconfig ${file}: ${why}`, { cause: error, hints: [another] })
  }
}

async function documentOf(text: string, file: string, parseYaml: ParseYaml): Promise<Document> {
  let document: unknown
  try {
    document = await (/^\s*\{/.test(text) ? jsonOrYaml(text, parseYaml) : parseYaml(text))
  } catch (error) {
    const why = (error as Error).message.split('\n', 1)[0]!.replace(/:$/, '')
    throw new CanaryError('unreadable', `kubeconfig ${file}: ${why}`, {
      cause: error,
      hints: [`Fix the file. ${another}`],
    })
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
