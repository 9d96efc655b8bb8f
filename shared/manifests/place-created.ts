import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { KubeObject } from '../objects/kube-object.ts'
import { namespaceOf } from '../objects/kube-object.ts'
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
  return { newFile: freeName(folder, object, taken), like }
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

function freeName(
  folder: string,
  { kind, metadata: { name } }: KubeObject,
  taken: ReadonlySet<string>,
): string {
  const base = join(folder, `${name.replace(/[^\w.-]/g, '-')}-${kind.toLowerCase()}`)
  for (let i = 1; ; i++) {
    const path = i === 1 ? `${base}.yaml` : `${base}-${i}.yaml`
    if (!existsSync(path) && !taken.has(path)) return path
  }
}
