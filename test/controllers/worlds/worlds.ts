import { readdirSync, readFileSync } from 'node:fs'
import { parseAllDocuments, stringify } from 'yaml'
import { controllerOf, type KubeObject } from '../../../shared/objects/kube-object.ts'
import { fieldsOf } from '../../../shared/objects/unchecked.ts'
import type { ServerAnswer, ServerRequest } from '../../../shared/view/store.ts'
import { MemoryStore } from '../../plugin/memory-store.ts'

const folder = new URL('../../fixtures/controllers/worlds/', import.meta.url)

/** The worlds of the public examples of Argo Rollouts and Flagger, each in the middle of a rollout, in namespace shop. */
export const worldNames: readonly string[] = readdirSync(folder).map(name => name.replace('.yaml', ''))

/** What a cluster has of a world, with what its controller has made. */
export const liveObjects = (name: string): readonly KubeObject[] =>
  parseAllDocuments(readFileSync(new URL(`${name}.yaml`, folder), 'utf8')).map(
    document => document.toJS() as KubeObject,
  )

/** What people commit of a world: nothing that its controller makes, and no status. */
export const committed = (name: string): string =>
  liveObjects(name)
    .filter(object => controllerOf(object) === undefined)
    .map(object => stringify(withoutHashes(withoutStatus(object))))
    .join('---\n')

const withoutStatus = ({ metadata: { uid: _, ...metadata }, ...object }: KubeObject): KubeObject => {
  const { status: __, ...rest } = object as KubeObject & { readonly status?: unknown }
  return { ...rest, metadata }
}

/** The controller puts its hash into the selectors of Services and subsets. */
const withoutHashes = (object: KubeObject): unknown =>
  JSON.parse(
    JSON.stringify(object, (_, value: unknown) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
      const { 'rollouts-pod-template-hash': __, ...others } = fieldsOf(value)
      return others
    }),
  )

/** A cluster in memory that answers for the ReplicaSets of Rollouts, too. */
export class ControllerStore extends MemoryStore {
  constructor(objects: readonly KubeObject[]) {
    super(objects, { namespace: 'shop' })
  }

  async request({ path }: ServerRequest): Promise<ServerAnswer> {
    const items = path.endsWith('/replicasets')
      ? this.objects.filter(({ kind }) => kind === 'ReplicaSet')
      : undefined
    return items === undefined
      ? { status: 404, text: '', headers: {} }
      : { status: 200, text: JSON.stringify({ items }), headers: {} }
  }
}
