import type { KubeObject } from '../../objects/kube-object.ts'
import { isEqual } from '../../objects/content/equal.ts'
import { fieldsOf, isFields, textOf, textsOf } from '../../objects/unchecked.ts'
import type { Change } from '../../view/change.ts'
import type { OwnerRef } from '../../view/store.ts'
import { changesOnlyIgnored } from './ignored-fields.ts'
import {
  entriesOf,
  identityOf,
  marksOf,
  ownerKey,
  type Identity,
  type ApplyingTool,
  type Owners,
} from './applying-tool.ts'

/** The Application that an object names. */
interface Tracked {
  readonly app: OwnerRef
  /** Only if the Application itself lists the object: many charts set the same label. */
  readonly ifListed: boolean
}

/** The field manager under which edits are written. */
const ourManager = 'kubectl-canary'

/** The Application whose mark an object has, to be read. */
export const applicationOf = (object: KubeObject): OwnerRef | undefined => trackedBy(object)?.app

/**
 * https://argo-cd.readthedocs.io/en/stable/user-guide/resource_tracking/: an annotation that names another object
 * counts for nothing; the label is `app.kubernetes.io/instance` unless it was set otherwise.
 */
function trackedBy(object: KubeObject): Tracked | undefined {
  const said = marksOf(object)
  const id = said('argocd.argoproj.io/tracking-id')
  if (id !== undefined) return isOwnId(id, object) ? named(id.split(':', 1)[0]!, false) : undefined
  const instance = said('argocd.argoproj.io/instance')
  if (instance !== undefined) return named(instance, false)
  const label = said('app.kubernetes.io/instance')
  return label === undefined || said('meta.helm.sh/release-name') !== undefined
    ? undefined
    : named(label, true)
}

/** `shop:networking.istio.io/VirtualService:istioinaction/catalog` */
function isOwnId(id: string, object: KubeObject): boolean {
  const [, groupKind, place] = id.split(':')
  if (groupKind === undefined || place === undefined) return true
  const { group, kind, namespace, name } = identityOf(object)
  return groupKind === `${group}/${kind}` && place === `${namespace}/${name}`
}

/** An Application in any namespace is `NAMESPACE_NAME`; else it is where Argo CD is, which is argocd as a rule. */
function named(mark: string, ifListed: boolean): Tracked {
  const [first = '', ...rest] = mark.split('_')
  const api = { group: 'argoproj.io', plural: 'applications', versions: ['v1alpha1'] }
  return rest.length === 0
    ? { ifListed, app: { ...api, namespace: 'argocd', name: mark, orElsewhere: true } }
    : { ifListed, app: { ...api, namespace: first, name: rest.join('_') } }
}

/**
 * Argo CD, where it applies the object. The rule that it is told has the narrowest path, so that it continues to apply the
 * rest (https://argo-cd.readthedocs.io/en/stable/user-guide/diffing/).
 */
export function argoCd({ before, after }: Change, owners: Owners): ApplyingTool | undefined {
  const tracked = trackedBy(before!)
  if (tracked === undefined) return undefined
  const application = owners.get(ownerKey(tracked.app))
  if (tracked.ifListed && (application === undefined || !lists(application, identityOf(before!))))
    return undefined
  const { name } = tracked.app
  const kept = application === undefined ? undefined : keepingOf(application, { before, after })
  return {
    tool: 'Argo CD',
    owner: `the Application ${name}`,
    reverts: kept === undefined,
    rule: [
      ...(application === undefined
        ? [`The Application ${name} could not be read: whether it ignores this edit already is not known.`]
        : []),
      ...ruleFor(name, { before, after }),
    ],
    ...kept,
  }
}

function ruleFor(name: string, change: Change): readonly string[] {
  const object = identityOf(change.before!)
  return [
    `To have Argo CD leave it, add this to the Application ${name}:`,
    '  spec:',
    '    ignoreDifferences:',
    `    - {group: ${object.group}, kind: ${object.kind}, name: ${object.name}, namespace: ${object.namespace}, jqPathExpressions: ["${pathOf(object.kind, change)}"]}`,
    '    syncPolicy:',
    '      syncOptions: [RespectIgnoreDifferences=true]',
  ]
}

/** The narrowest path that covers the edit. */
function pathOf(kind: string, change: Change): string {
  if (kind === 'DestinationRule') return '.spec.subsets'
  if (kind !== 'VirtualService') return '.spec.replicas'
  return isOfWeights(change) ? '.spec.http[].route[].weight' : '.spec.http'
}

const lists = (application: KubeObject, { group, kind, namespace, name }: Identity): boolean =>
  entriesOf(fieldsOf(Reflect.get(application, 'status'))['resources']).some(
    one =>
      (one['group'] ?? '') === group
      && one['kind'] === kind
      && (one['namespace'] ?? '') === namespace
      && one['name'] === name,
  )

/** The part of the Application that keeps an edit, also when it is synced; undefined where there is none. */
function keepingOf(
  application: KubeObject,
  { before, after }: Change,
): Pick<ApplyingTool, 'keeps' | 'keepsClaimed'> | undefined {
  if (before === undefined || after === undefined) return undefined
  const spec = fieldsOf(Reflect.get(application, 'spec'))
  const options = textsOf(fieldsOf(spec['syncPolicy'])['syncOptions'])
  if (!options.includes('RespectIgnoreDifferences=true')) return undefined
  const object = identityOf(before)
  const entries = entriesOf(spec['ignoreDifferences']).filter(entry => isFor(entry, object))
  const keeps = `ignoreDifferences of the Application ${application.metadata.namespace ?? ''}/${application.metadata.name}`
  const listed = (key: string): readonly string[] => entries.flatMap(entry => textsOf(entry[key]))
  const ignored = { pointers: listed('jsonPointers'), jqPaths: listed('jqPathExpressions') }
  if (changesOnlyIgnored(before, after, ignored)) return { keeps }
  return listed('managedFieldsManagers').includes(ourManager) ? { keeps, keepsClaimed: true } : undefined
}

/** Group and kind are globs, and names are exact; an empty one is for all. */
function isFor(
  { group, kind, namespace, name }: Readonly<Record<string, unknown>>,
  object: Identity,
): boolean {
  const isSame = (wanted: unknown, actual: string): boolean =>
    textOf(wanted) === undefined || wanted === actual
  return (
    globMatches(textOf(group) ?? '', object.group)
    && globMatches(textOf(kind) ?? '', object.kind)
    && isSame(namespace, object.namespace)
    && isSame(name, object.name)
  )
}

const globMatches = (glob: string, text: string): boolean =>
  new RegExp(
    `^${glob
      .replaceAll(/[.+^$()|\\]/g, String.raw`\$&`)
      .replaceAll('*', '.*')
      .replaceAll('?', '.')
      .replaceAll(/\{([^{}]*)\}/g, (_, options: string) => `(?:${options.replaceAll(',', '|')})`)}$`,
  ).test(text)

/** Whether the routes stay as they are except for their weights. */
const isOfWeights = ({ before, after }: Change): boolean =>
  after !== undefined && isEqual(withoutWeights(specOf(before!)), withoutWeights(specOf(after)))

const specOf = (object: KubeObject): unknown => Reflect.get(object, 'spec')

const withoutWeights = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(withoutWeights)
    : isFields(value)
      ? Object.fromEntries(
          Object.entries(value).flatMap(([key, item]) =>
            key === 'weight' ? [] : [[key, withoutWeights(item)]],
          ),
        )
      : value
