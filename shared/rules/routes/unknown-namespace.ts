import { namespaceOf, type KubeObject } from '../../objects/kube-object.ts'
import { mistyped } from '../../objects/text/closest.ts'
import { fieldsOf, itemsOf } from '../../objects/unchecked.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { once } from '../../view/session.ts'
import { routingReads } from '../facts/destinations.ts'
import { formatPath, type AnyRule, type Path, type Rule, type RuleSettings, type Violation } from '../rule.ts'

const exported = ['VirtualService', 'DestinationRule', 'ServiceEntry'] as const

const ruleFor = <K extends (typeof exported)[number]>(subject: K): Rule<K> => ({
  id: 'unknown-namespace',
  severity: { webhook: 'warning', lint: 'warning' },
  summary: 'Every namespace in exportTo exists.',
  fix: 'Correct the name of the namespace, or remove it from exportTo.',
  subject,
  reads: ['Namespace', ...routingReads],
  needs: ['Namespace'],
  check: (view, object, settings) => violations(view, object, settings),
})

/** What is exported to a namespace that is not there is seen by nobody there: the one rule, for each kind. */
export const unknownNamespace: readonly AnyRule[] = exported.map(kind => ruleFor(kind) as AnyRule)

function* violations(view: ClusterView, object: KubeObject, settings: RuleSettings): Iterable<Violation> {
  for (const [i, name] of itemsOf(fieldsOf(Reflect.get(object, 'spec'))['exportTo']).entries()) {
    if (typeof name !== 'string' || !isName.test(name) || isKnown(view, name, { object, settings })) continue
    // Asked last: it may look through all Namespaces.
    if (settings.folder !== true && !(settings.complete && isWhole(view))) return
    const meant = mistyped(name, namespacesIn(view))
    const isSure = settings.complete || meant !== undefined
    if (isSure || !isOfTheCluster.test(name))
      yield violationAt(['spec', 'exportTo', i], { name, meant, isSure, folder: settings.folder === true })
  }
}

interface Unknown {
  readonly name: string
  readonly meant: string | undefined
  readonly isSure: boolean
  readonly folder: boolean
}

const violationAt = (path: Path, { name, meant, isSure, folder }: Unknown): Violation => ({
  path,
  message: `${folder ? 'no file has anything of a namespace' : 'there is no namespace'} ${name}${meant === undefined ? '' : `; did you mean ${meant}?`}`,
  about: `exportTo ${name}`,
  tells: meant === undefined ? [] : [{ kind: 'Namespace', namespace: meant }],
  absent: 'other',
  ...(meant === undefined ? {} : { fix: `Set ${formatPath(path)}: ${meant}` }),
  // Files of other namespaces may be elsewhere.
  ...(isSure ? {} : { severity: { webhook: 'info', lint: 'info' } as const }),
  restsOn: [{ kind: 'Namespace', namespace: '', name }],
})

const isName = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/
/** Namespaces that come with Istio and Kubernetes. */
const isOfTheCluster = /^(?:istio|kube|knative|cert-manager)(?:-|$)|^default$/

interface Exporting {
  readonly object: KubeObject
  readonly settings: RuleSettings
}

/** On a cluster by its Namespace; in files by whatever is in it. */
const isKnown = (view: ClusterView, name: string, { object, settings }: Exporting): boolean =>
  name === namespaceOf(object)
  || name === view.mesh.rootNamespace
  || view.get({ kind: 'Namespace', namespace: '', name }) !== undefined
  || (settings.folder === true && namespacesIn(view).includes(name))

/**
 * Whether all Namespaces were read. Who may list only some reads those by name, and of a cluster kube-system is
 * among all.
 */
const isWhole = (view: ClusterView): boolean =>
  view.get({ kind: 'Namespace', namespace: '', name: 'kube-system' }) !== undefined
  || view.list('Namespace').every(({ metadata }) => metadata.uid === undefined)

/** The namespaces that are in view, and in files those of which something is. */
const namespacesIn = (view: ClusterView): readonly string[] =>
  once(view, [namespacesIn, ''], () => {
    const named = view.list('Namespace').map(({ metadata }) => metadata.name)
    return named.includes('kube-system')
      ? named
      : [...new Set([...named, ...routingReads.flatMap(kind => view.list(kind).map(namespaceOf))])]
  })
