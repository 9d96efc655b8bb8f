import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { CanaryError } from '../../shared/objects/canary-error.ts'
import { keyOf, type KubeObject } from '../../shared/objects/kube-object.ts'
import { kindOf, refOf } from '../../shared/objects/kinds.ts'
import { changedRef, type Change } from '../../shared/view/change.ts'
import { snapshot } from '../../shared/view/snapshot.ts'
import type { ApplyChangesOptions, Outcome, OwnerRef, Reading, Store } from '../../shared/view/store.ts'
import { MemoryHistory } from './history/memory-history.ts'

/** A cluster in memory: it takes changes, refuses those made of an older state, and counts what is asked of it. */
export class MemoryStore implements Store {
  readonly live: boolean
  readonly namespace: string
  objects: readonly KubeObject[]
  reads = 0
  readonly applied: (readonly Change[])[] = []
  /** Called before each write; may put other objects in place, or throw. */
  beforeApply: (store: MemoryStore) => void | Promise<void> = () => undefined
  isClosed = false
  readonly history = new MemoryHistory()

  constructor(
    objects: readonly KubeObject[],
    {
      live = true,
      namespace = 'istioinaction',
    }: { readonly live?: boolean; readonly namespace?: string } = {},
  ) {
    this.objects = objects
    this.live = live
    this.namespace = namespace
  }

  /** Applications and HelmReleases that may be read, and what was asked for. */
  owners: readonly KubeObject[] = []
  readonly askedOwners: string[] = []

  async readOwner({ plural, namespace, name }: OwnerRef): Promise<KubeObject | undefined> {
    this.askedOwners.push(`${plural} ${namespace}/${name}`)
    return this.owners.find(
      ({ kind, metadata }) =>
        plural === `${kind.toLowerCase()}s` && metadata.namespace === namespace && metadata.name === name,
    )
  }

  async read(): Promise<Reading> {
    this.reads++
    return { view: snapshot(this.objects), notes: [], live: this.live }
  }

  async apply(
    changes: readonly Change[],
    { dryRun, before }: ApplyChangesOptions,
  ): Promise<readonly Outcome[]> {
    await this.beforeApply(this)
    const fresh = new Set<string>()
    for (const change of changes) {
      const key = keyOf(changedRef(change))
      // A second change of an object starts from the first.
      if (!fresh.has(key) && this.#find(key) !== change.before)
        throw new CanaryError('conflict', `${key} was changed meanwhile`)
      fresh.add(key)
    }
    this.applied.push(changes)
    for (const [index, { after, ...change }] of changes.entries()) {
      if ((await before?.(index)) === false) break
      if (dryRun !== 'none') continue
      const key = keyOf(changedRef({ after, ...change }))
      this.objects = [
        ...this.objects.filter(object => keyOf(refOf(object)) !== key),
        ...(after === undefined ? [] : [after]),
      ]
    }
    return changes.map(change => ({
      ref: changedRef(change),
      dryRun,
      action: change.before === undefined ? 'created' : change.after === undefined ? 'deleted' : 'configured',
    }))
  }

  #find(key: string): KubeObject | undefined {
    return this.objects.find(object => keyOf(refOf(object)) === key)
  }

  async diff(changes: readonly Change[]): Promise<string> {
    return changes
      .map(change => `--- ${keyOf(changedRef(change))}\n+++ ${keyOf(changedRef(change))}\n`)
      .join('')
  }

  async close(): Promise<void> {
    this.isClosed = true
  }
}

/** The objects of an example's folder that we know, as a cluster has them: namespaces filled in, pods ready. */
export const readExample = (name: string, namespace = 'istioinaction'): readonly KubeObject[] => {
  const folder = join(import.meta.dirname, '../../examples', name)
  return readdirSync(folder)
    .filter(file => file.endsWith('.yaml'))
    .flatMap(file =>
      parseAllDocuments(readFileSync(join(folder, file), 'utf8')).map(
        document => document.toJS() as KubeObject,
      ),
    )
    .filter(object => kindOf(object) !== undefined)
    .map(object => ({
      ...object,
      metadata: { namespace, ...object.metadata },
      ...(object.kind === 'Deployment' ? { status: { replicas: 1, readyReplicas: 1 } } : {}),
    }))
}
