import { resources, type Kind } from '../../../shared/objects/kinds.ts'
import { changedRef, type Change } from '../../../shared/view/change.ts'
import { routingKinds, usualKinds, type OwnerRef } from '../../../shared/view/store.ts'

/** A rule of a Role. */
export interface RoleRule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly verbs: readonly string[]
}

/** What a run does that needs rights. */
export interface RunNeeds {
  readonly namespace: string
  /** The Lease that keeps the run. */
  readonly lease: string
  /** All that it can change. */
  readonly changes: readonly Change[]
  /** Kinds that are read besides the usual ones. */
  readonly also: readonly Kind[]
  readonly isServed: (group: string) => boolean
  /** Objects of Argo CD and Flux that are asked who applies the routes. */
  readonly owners: readonly OwnerRef[]
  /** Whether a metric is a Job: its name is made for each check. */
  readonly createsJobs: boolean
  /** Whether the version's pods and their Events are looked at. */
  readonly watchesPods: boolean
  /** The ConfigMap with the mesh's settings, where there is one. */
  readonly mesh?: { readonly namespace: string; readonly name: string } | undefined
}

/** The rights of a run. */
export interface RunRights {
  /** By namespace, that of the Service first. */
  readonly inNamespaces: ReadonlyMap<string, readonly RoleRule[]>
  /** To read, in all namespaces. */
  readonly everywhere: readonly RoleRule[]
}

/** Exactly the rights that a run needs, besides those of every authenticated user. */
export function rightsOf(needs: RunNeeds): RunRights {
  const { namespace, changes, mesh, owners } = needs
  const inNamespaces = new Map<string, RoleRule[]>([[namespace, ownRules(needs)]])
  const add = (where: string, ...rules: readonly RoleRule[]): void => {
    inNamespaces.set(where, [...(inNamespaces.get(where) ?? []), ...rules])
  }
  for (const where of new Set(changes.map(change => changedRef(change).namespace))) {
    if (where !== namespace) add(where, records(['get', 'create', 'patch', 'delete']))
    add(where, ...writeRules(changes.filter(change => changedRef(change).namespace === where)))
  }
  for (const { group, plural, name, namespace: where } of owners)
    add(where, { apiGroups: [group], resources: [plural], resourceNames: [name], verbs: ['get'] })
  if (mesh !== undefined) {
    add(mesh.namespace, { ...core('configmaps', ['get']), resourceNames: ['istio'] })
    if (mesh.name !== 'istio') add(mesh.namespace, core('configmaps', ['list']))
  }
  return { inNamespaces, everywhere: readRules(needs) }
}

const core = (resource: string, verbs: readonly string[]): RoleRule => ({
  apiGroups: [''],
  resources: [resource],
  verbs,
})

const records = (verbs: readonly string[]): RoleRule => ({
  apiGroups: ['apps'],
  resources: ['controllerrevisions'],
  verbs,
})

const isRouting = (kind: Kind): boolean => routingKinds.includes(kind)

function ownRules({ lease, also, isServed, watchesPods, createsJobs }: RunNeeds): RoleRule[] {
  const leases = { apiGroups: ['coordination.k8s.io'], resources: ['leases'] }
  const kinds = [...usualKinds, ...also].filter(kind => !isRouting(kind) && kind !== 'Namespace')
  return [
    // The run itself.
    { ...leases, verbs: ['create'] },
    { ...leases, resourceNames: [lease], verbs: ['get', 'patch', 'delete'] },
    // What it changed.
    records(['get', 'list', 'create', 'patch', 'delete']),
    core('events', watchesPods ? ['create', 'list'] : ['create']),
    ...(createsJobs
      ? [{ apiGroups: ['batch'], resources: ['jobs'], verbs: ['create', 'get', 'delete'] }]
      : []),
    ...listRules(kinds, isServed),
  ]
}

/** How requests go is decided in any namespace, and namespaces say which of them have proxies. */
function readRules({ also, isServed, mesh, owners }: RunNeeds): readonly RoleRule[] {
  const kinds = [...usualKinds, ...also].filter(isRouting)
  return [
    core('namespaces', ['get', 'list']),
    ...listRules(kinds, isServed),
    ...owners
      .filter(({ orElsewhere }) => orElsewhere === true)
      .map(({ group, plural }) => ({ apiGroups: [group], resources: [plural], verbs: ['list'] })),
    ...(mesh === undefined || mesh.name === 'istio'
      ? []
      : [
          {
            apiGroups: ['admissionregistration.k8s.io'],
            resources: ['mutatingwebhookconfigurations'],
            resourceNames: ['istio-revision-tag-default'],
            verbs: ['get'],
          },
        ]),
  ]
}

/** One rule for each API group that the cluster has. */
function listRules(kinds: readonly Kind[], isServed: (group: string) => boolean): readonly RoleRule[] {
  const byGroup = new Map<string, Set<string>>()
  for (const { group, plural } of kinds.map(kind => resources[kind]))
    if (isServed(group)) byGroup.set(group, (byGroup.get(group) ?? new Set()).add(plural))
  return [...byGroup].map(([group, plurals]) => ({
    apiGroups: [group],
    resources: [...plurals].toSorted(),
    verbs: ['list'],
  }))
}

/** What a run writes, it may have to take back. */
function writeRules(changes: readonly Change[]): readonly RoleRule[] {
  const rules: RoleRule[] = []
  for (const kind of new Set(changes.map(change => changedRef(change).kind))) {
    const those = changes.filter(change => changedRef(change).kind === kind)
    const { group, plural } = resources[kind]
    const of = { apiGroups: [group], resources: [plural] }
    // Their replicas are all that is changed of them.
    const scaled = kind === 'Deployment' ? { resources: [`${plural}/scale`], verbs: ['get', 'patch'] } : {}
    const names = (some: readonly Change[]): readonly string[] => [
      ...new Set(some.map(change => changedRef(change).name)),
    ]
    const made = those.filter(({ before, after }) => before === undefined || after === undefined)
    const patched = those.filter(({ before, after }) => before !== undefined && after !== undefined)
    if (patched.length > 0) rules.push({ ...of, resourceNames: names(patched), verbs: ['patch'], ...scaled })
    if (made.length > 0)
      rules.push({ ...of, verbs: ['create'] }, { ...of, resourceNames: names(made), verbs: ['delete'] })
  }
  return rules
}
