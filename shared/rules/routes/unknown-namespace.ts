import { namespaceOf, type KubeObject } from '../../objects/kube-object.ts'
import { mistyped } from '../../objects/text/closest.ts'
import { fieldsOf, itemsOf, textOf } from '../../objects/unchecked.ts'
import { exportAnnotation } from '../../providers/istio/resolve/objects/providers.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { once } from '../../view/session.ts'
import { routingReads } from '../facts/destinations.ts'
import { formatPath, type AnyRule, type Path, type Rule, type RuleSettings, type Violation } from '../rule.ts'

const exporting = ['VirtualService', 'DestinationRule', 'ServiceEntry', 'Service'] as const

const ruleFor = <K extends (typeof exporting)[number]>(subject: K): Rule<K> => ({
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
export const unknownNamespace: readonly AnyRule[] = exporting.map(kind => ruleFor(kind) as AnyRule)

/** Further names of one object are not judged: its fix repeats the whole annotation. */
const mostUnknown = 10

function* violations(view: ClusterView, object: KubeObject, settings: RuleSettings): Iterable<Violation> {
  const folder = settings.folder === true
  let unknown = 0
  for (const entry of entriesOf(object)) {
    if (isKnown(view, entry.name, { object, settings })) continue
    // Asked last: it may look through all Namespaces.
    if (!folder && !(settings.complete && isWhole(view))) return
    if (++unknown > mostUnknown) return
    const meant = mistyped(entry.name, namespacesIn(view))
    if (meant === undefined && !isName.test(entry.name)) {
      yield malformed(entry)
      continue
    }
    const isSure = settings.complete || meant !== undefined
    if (isSure || !isOfTheCluster.test(entry.name)) yield violationAt(entry, { meant, isSure, folder })
  }
}

/** One name to which an object is exported. */
interface Entry {
  readonly name: string
  readonly path: Path
  /** The edit that puts another name in its place. */
  readonly renamed: (name: string) => string
}

const entriesOf = (object: KubeObject): readonly Entry[] =>
  object.kind === 'Service' ? annotated(object) : specified(object)

function specified(object: KubeObject): readonly Entry[] {
  return itemsOf(fieldsOf(Reflect.get(object, 'spec'))['exportTo']).flatMap((name, i) => {
    const path: Path = ['spec', 'exportTo', i]
    // What is no name at all is found by istio-rejects.
    return typeof name === 'string' && isName.test(name)
      ? [{ name, path, renamed: to => `Set ${formatPath(path)}: ${to}` }]
      : []
  })
}

/** A Service has an annotation for it, of names with commas between; nobody checks its text when it is written. */
function annotated({ metadata }: KubeObject): readonly Entry[] {
  const text = textOf(fieldsOf(metadata.annotations)[exportAnnotation]) ?? ''
  const path: Path = ['metadata', 'annotations', exportAnnotation]
  const names = text.split(',')
  return [...new Set(names.map(name => name.trim()))]
    .filter(name => name !== '' && !signs.has(name))
    .map(name => ({
      name,
      path,
      renamed: to =>
        `Set ${formatPath(path)}: ${JSON.stringify(names.map(each => (each.trim() === name ? each.replace(name, to) : each)).join())}`,
    }))
}

const signs: ReadonlySet<string> = new Set(['.', '*', '~'])

const malformed = ({ name, path }: Entry): Violation => ({
  path,
  message: `${JSON.stringify(name)} is neither ., *, ~ nor the name of a namespace`,
  about: `exportTo ${name}`,
  tells: [],
  fix: `Correct ${formatPath(path)}: names of namespaces with commas between, such as ".,web".`,
})

interface Unknown {
  readonly meant: string | undefined
  readonly isSure: boolean
  readonly folder: boolean
}

const violationAt = ({ name, path, renamed }: Entry, { meant, isSure, folder }: Unknown): Violation => ({
  path,
  message:
    `${folder ? 'no object of these files is in namespace' : 'there is no namespace'} ${name}`
    + (meant === undefined ? '' : `; did you mean ${meant}?`),
  about: `exportTo ${name}`,
  tells: meant === undefined ? [] : [{ kind: 'Namespace', namespace: meant }],
  absent: 'other',
  ...(meant === undefined ? {} : { fix: renamed(meant) }),
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
