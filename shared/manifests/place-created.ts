import { existsSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import type { KubeObject } from '../objects/kube-object.ts'
import { namespaceOf } from '../objects/kube-object.ts'
import { fieldsOf, textOf } from '../objects/unchecked.ts'
import type { Root, SourceFile } from './files/find-files.ts'
import type { ManifestObject } from './manifest.ts'

/**
 * Where an object that is not in the files yet goes: a file of its own in a folder, or the end of a file that
 * was named as such.
 */
export type Home = { readonly like: ManifestObject | undefined } & (
  { readonly newFile: string } | { readonly file: SourceFile }
)

interface FilesAround {
  readonly roots: readonly Root[]
  readonly files: readonly SourceFile[]
  readonly objects: readonly ManifestObject[]
  /** New files that are planned already. */
  readonly taken: ReadonlySet<string>
}

/** Finds the home of a new object: beside what belongs to it, else in the first path that was named. */
export function homeOf(object: KubeObject, { roots, files, objects, taken }: FilesAround): Home {
  const like = relative(object, objects)
  const root = like?.document.file.root ?? roots[0]!
  const file = like?.document.file ?? files.find(one => one.root === root)
  if (root.kind !== 'folder' && file !== undefined) return { file, like }
  const folder = file?.path === undefined || like === undefined ? root.path : dirname(file.path)
  return { newFile: freeName(join(folder, orderedName(object, objectsIn(folder, objects))), taken), like }
}

const objectsIn = (folder: string, objects: readonly ManifestObject[]): readonly ManifestObject[] =>
  objects.filter(({ document: { file } }) => file.path !== undefined && dirname(file.path) === folder)

/**
 * The name of a new file, without its suffix, by which `kubectl apply -f FOLDER` applies a DestinationRule before the routes
 * to its host, and a route after the DestinationRules of its destinations: files are applied by their names.
 */
function orderedName(object: KubeObject, beside: readonly ManifestObject[]): string {
  const { kind, metadata } = object
  const usual = `${metadata.name.replace(/[^\w.-]/g, '-')}-${kind.toLowerCase()}`
  const filesOf = (other: string, isMeant: (one: KubeObject) => boolean): readonly string[] =>
    beside
      .filter(one => one.ref.kind === other && isMeant(one.object))
      .map(one => basename(one.document.file.path!))
      .toSorted()
  if (kind === 'DestinationRule') {
    const [first] = filesOf('VirtualService', route => leadsTo(route, object))
    // In the order of names - comes before the dot, and _ after it.
    return first === undefined || `${usual}.yaml` < first ? usual : `${stemOf(first)}-destinationrule`
  }
  if (kind !== 'VirtualService') return usual
  const last = filesOf('DestinationRule', rule => leadsTo(object, rule)).at(-1)
  return last === undefined || `${usual}.yaml` > last ? usual : `${stemOf(last)}_virtualservice`
}

const stemOf = (file: string): string => file.slice(0, -extname(file).length || undefined)

/** Whether a route names the host of a DestinationRule in one of its destinations, by their first labels. */
const leadsTo = (route: KubeObject, rule: KubeObject): boolean =>
  destinationsOf(Reflect.get(route, 'spec')).some(host => hostsOf(rule).includes(host))

/** The first labels of the hosts of all destinations below a value. */
function destinationsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(destinationsOf)
  return Object.entries(fieldsOf(value)).flatMap(([key, field]) => {
    const host = key === 'destination' ? textOf(fieldsOf(field)['host']) : undefined
    return host === undefined ? destinationsOf(field) : [host.split('.')[0]!]
  })
}

/** The object that a new one stands closest to: of its name or for its hosts, else of its namespace. */
function relative(object: KubeObject, objects: readonly ManifestObject[]): ManifestObject | undefined {
  const near = objects.filter(({ ref }) => ref.namespace === namespaceOf(object))
  const names = new Set([object.metadata.name, ...hostsOf(object)])
  const kin = (one: ManifestObject): boolean =>
    names.has(one.ref.name) || hostsOf(one.object).some(host => names.has(host))
  const routing = (one: ManifestObject): boolean =>
    one.ref.kind === 'VirtualService' || one.ref.kind === 'DestinationRule'
  return near.find(one => routing(one) && kin(one)) ?? near.find(kin) ?? near[0]
}

/** The first labels of an object's hosts: `catalog` for `catalog.shop.svc.cluster.local`. */
function hostsOf(object: KubeObject): readonly string[] {
  const { host, hosts } = (Reflect.get(object, 'spec') ?? {}) as {
    readonly host?: unknown
    readonly hosts?: unknown
  }
  return [host, ...(Array.isArray(hosts) ? (hosts as readonly unknown[]) : [])]
    .filter(one => typeof one === 'string')
    .map(one => one.split('.')[0]!)
}

function freeName(base: string, taken: ReadonlySet<string>): string {
  for (let i = 1; ; i++) {
    const path = i === 1 ? `${base}.yaml` : `${base}-${i}.yaml`
    if (!existsSync(path) && !taken.has(path)) return path
  }
}
