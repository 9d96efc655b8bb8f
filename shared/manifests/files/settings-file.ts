import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { CanaryError } from '../../objects/canary-error.ts'
import type { DefaultExportTo, MeshOverrides } from '../../view/mesh.ts'
import { reasonOf } from './find-files.ts'

/** The file beside manifests that holds settings for them. */
export const settingsName = '.kubectl-canary.yaml'

/**
 * The mesh settings of the files that the paths name: from the nearest settings file, in the folder of a path
 * or above it, up to the root of its git repository. Throws `usage` for a file that says something else, and
 * `ambiguous` where the paths have different ones.
 */
export async function readSettings(
  paths: readonly string[],
  readYaml: (text: string) => Promise<unknown>,
): Promise<MeshOverrides> {
  const files = [...new Set(paths.map(nearest).filter(file => file !== undefined))]
  const [file, other] = files
  if (file === undefined) return {}
  if (other !== undefined)
    throw new CanaryError('ambiguous', `the files have different settings: ${files.map(shown).join(', ')}`, {
      hints: ['Run the command for each of the folders, or move the settings to a folder above all of them.'],
    })
  let value: unknown
  try {
    value = await readYaml(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new CanaryError('unreadable', `${shown(file)}: ${reasonOf(error)}`, {
      hints: ['Correct the file, or remove it.'],
      cause: error,
    })
  }
  return checkedSettings(value, shown(file))
}

/** As people would type it. */
const shown = (file: string): string => {
  const near = relative('.', file)
  return near.startsWith('..') ? file : near
}

function nearest(path: string): string | undefined {
  const start = path === '-' ? resolve('.') : realFolder(path)
  for (let at = start; ; at = dirname(at)) {
    const file = join(at, settingsName)
    if (existsSync(file)) return file
    if (existsSync(join(at, '.git')) || at === dirname(at)) return undefined
  }
}

/** A path that does not exist is told where it is read. */
function realFolder(path: string): string {
  try {
    const real = realpathSync(path)
    return statSync(real).isDirectory() ? real : dirname(real)
  } catch {
    return resolve(path)
  }
}

const exporters: readonly (keyof DefaultExportTo)[] = ['virtualService', 'destinationRule', 'service']
const keys = ['rootNamespace', 'clusterDomain', 'defaultExportTo']
/** What chooses a cluster or a person is never taken from a folder, which somebody else may have written. */
const connections = /kubeconfig|context|cluster$|user|token|server|^as/i

type Wrong = (message: string) => CanaryError

function checkedSettings(value: unknown, file: string): MeshOverrides {
  const wrong: Wrong = message =>
    new CanaryError('usage', `${file}: ${message}`, {
      hints: [
        `It may have: mesh: {clusterDomain: NAME, rootNamespace: NAME, defaultExportTo: [...]}, where defaultExportTo is a list or one for each of ${exporters.join(', ')}.`,
      ],
    })
  const { mesh, ...others } = value === null ? {} : mappingOf(value, () => wrong('must be a mapping'))
  const [other] = Object.keys(others)
  if (other !== undefined) throw wrong(strangeKey(other))
  return meshIn(
    mappingOf(mesh ?? {}, () => wrong('mesh must be a mapping')),
    wrong,
  )
}

function strangeKey(key: string): string {
  if (connections.test(key))
    return `${key} cannot be set here; a cluster is chosen by flags and the kubeconfig only`
  return `unknown key ${key}${keys.includes(key) ? ', which belongs under mesh' : ''}`
}

function meshIn(settings: { readonly [key: string]: unknown }, wrong: Wrong): MeshOverrides {
  const unknown = Object.keys(settings).find(key => !keys.includes(key))
  if (unknown !== undefined) throw wrong(`unknown key mesh.${unknown}`)
  const { rootNamespace, clusterDomain, defaultExportTo } = settings
  const names = Object.entries({ rootNamespace, clusterDomain }).filter(([, text]) => text !== undefined)
  for (const [key, text] of names) if (!isDomain(text)) throw wrong(`mesh.${key} must be a DNS name`)
  return {
    ...Object.fromEntries(names),
    ...(defaultExportTo === undefined ? {} : { defaultExportTo: exportToOf(defaultExportTo, wrong) }),
  }
}

function exportToOf(value: unknown, wrong: Wrong): Partial<DefaultExportTo> {
  if (Array.isArray(value)) return Object.fromEntries(exporters.map(key => [key, listOf(value, '', wrong)]))
  const byKind = mappingOf(value, () => wrong('mesh.defaultExportTo must be a list, or a list for each kind'))
  const unknown = Object.keys(byKind).find(key => !exporters.some(known => known === key))
  if (unknown !== undefined) throw wrong(`unknown key mesh.defaultExportTo.${unknown}`)
  return Object.fromEntries(
    Object.entries(byKind).map(([key, list]) => [key, listOf(list, `.${key}`, wrong)]),
  )
}

function listOf(value: unknown, of: string, wrong: Wrong): readonly string[] {
  if (
    Array.isArray(value)
    && value.length > 0
    && value.every(item => item === '*' || item === '.' || isDomain(item))
  )
    return value as readonly string[]
  throw wrong(`mesh.defaultExportTo${of} must be a list of ".", "*" or namespaces`)
}

function mappingOf(value: unknown, wrong: () => CanaryError): { readonly [key: string]: unknown } {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as { readonly [key: string]: unknown }
  throw wrong()
}

const isDomain = (value: unknown): boolean =>
  typeof value === 'string' && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(value)
