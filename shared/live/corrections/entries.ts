import {
  newClusters,
  newContexts,
  newUsers,
  type Cluster,
  type Context,
  type User,
} from '@kubernetes/client-node/dist/config_types.js'

/** A cluster of a kubeconfig, with the fields that upstream leaves out. */
export interface KubeCluster extends Cluster {
  readonly disableCompression?: boolean
  /** What the cluster has for credential programs (its extension `client.authentication.k8s.io/exec`). */
  readonly execConfig?: unknown
}

/** A user of a kubeconfig, with the fields that upstream leaves out. */
export interface KubeUser extends User {
  readonly exec?: ExecConfig
  readonly tokenFile?: string
  readonly impersonateUid?: string
  readonly impersonateGroups?: readonly string[]
  readonly impersonateExtra?: Readonly<Record<string, readonly string[]>>
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

type Fields = Readonly<Record<string, unknown>>

/*
 * Upstream's readers of entries (newClusters, newUsers, newContexts) leave out the fields above, and throw on a
 * cluster without a server and on a context without a cluster; kubectl keeps all, and fails only where it uses
 * an entry that is incomplete.
 */

/** The clusters of a document; those without a server have an empty one. */
export const clustersOf = (list: unknown): readonly KubeCluster[] =>
  entriesOf(list, 'cluster').map(({ name, fields }) => {
    const server = textOf(fields['server']) ?? ''
    const extensions = (fields['extensions'] ?? []) as readonly Fields[]
    const extension = extensions.find(({ name: of }) => of === 'client.authentication.k8s.io/exec')
    return {
      ...newClusters([{ name, cluster: { ...fields, server: server || 'none' } }])[0]!,
      ...(server === '' && { server }),
      ...(fields['disable-compression'] === true && { disableCompression: true }),
      ...(extension && { execConfig: extension['extension'] }),
    }
  })

/** The users of a document that came from this file. */
export const usersOf = (list: unknown, origin: string): readonly KubeUser[] =>
  entriesOf(list, 'user').map(({ name, fields }) => ({
    ...(newUsers([{ name, user: fields }])[0] as KubeUser),
    ...only({
      tokenFile: fields['tokenFile'],
      impersonateUid: fields['as-uid'],
      impersonateGroups: fields['as-groups'],
      impersonateExtra: fields['as-user-extra'],
    }),
    origin,
  }))

/** The contexts of a document; those without a cluster name none. */
export const contextsOf = (list: unknown): readonly Context[] =>
  entriesOf(list, 'context').map(({ name, fields }) => {
    const cluster = textOf(fields['cluster']) ?? ''
    return { ...newContexts([{ name, context: { ...fields, cluster: cluster || 'none' } }])[0]!, cluster }
  })

/** Entries that have a name, and what they hold. */
const entriesOf = (
  list: unknown,
  key: string,
): readonly { readonly name: string; readonly fields: Fields }[] =>
  (Array.isArray(list) ? (list as readonly (Fields | null)[]) : []).flatMap(entry => {
    const name = entry?.['name']
    return typeof name === 'string' && name !== '' ? [{ name, fields: (entry?.[key] ?? {}) as Fields }] : []
  })

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** The fields that say something. */
const only = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null))
