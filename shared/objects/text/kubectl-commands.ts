import { apiKindOf, resources } from '../kinds.ts'
import { keyOf, type Kind, type KubeObject, type Ref } from '../kube-object.ts'

/** The command that changes an object that is there, for a POSIX shell. */
export const patchCommand = (ref: Ref, type: 'json' | 'merge', patch: unknown): string =>
  `kubectl patch ${argumentsFor(ref)} --type=${type} -p=${quoted(patch)}`

/**
 * How fields of the spec of an object are set: on a cluster the command, in files what to write, as
 * `Set spec.minReplicas: 3 in HorizontalPodAutoscaler shop/web`.
 */
export const settingOf = (
  ref: Ref,
  fields: Readonly<Record<string, unknown>>,
  { complete }: { readonly complete: boolean },
): string =>
  complete
    ? patchCommand(ref, 'merge', { spec: fields })
    : `Set ${Object.entries(fields)
        .map(([name, value]) => `spec.${name}: ${JSON.stringify(value)}`)
        .join(', ')} in ${keyOf(ref)}`

/** The command that deletes an object. */
export const deleteCommand = (ref: Ref): string => `kubectl delete ${argumentsFor(ref)}`

/** The command that sets the replicas of a workload. */
export const scaleCommand = (ref: Ref, replicas: number): string =>
  `kubectl scale ${argumentsFor(ref)} --replicas=${replicas}`

/** The command that makes an object. */
export const applyCommand = (object: KubeObject): string => `echo ${quoted(object)} | kubectl apply -f -`

/** The command that sets one label of a pod that runs. */
export const labelCommand = (ref: Ref, key: string, value: string): string =>
  `kubectl label ${argumentsFor(ref)} ${shellWord(`${key}=${value}`)}`

/** The command that removes one annotation. */
export const removeAnnotationCommand = (ref: Ref, key: string): string =>
  `kubectl annotate ${argumentsFor(ref)} ${shellWord(`${key}-`)}`

/**
 * A Service or a host as a command takes it. `example.com` alone would be the Service example in the namespace
 * com; with a dot at its end it is a host.
 */
export const serviceWord = (name: string): string =>
  shellWord(name.split('.').length === 2 ? `${name}.` : name)

interface NamedService {
  readonly name: string
  readonly namespace: string
}

/** The words after `kubectl canary` for a verb that takes a service alone. */
export const canaryWords = (verb: 'abort', { name, namespace }: NamedService): readonly string[] => [
  verb,
  name.split('.').length === 2 ? `${name}.` : name,
  '-n',
  namespace,
]

/** The words after `kubectl canary` that remove a cohort of a service. */
export const removeCohortWords = (cohort: string, { name, namespace }: NamedService): readonly string[] => [
  'cohort',
  cohort,
  name.split('.').length === 2 ? `${name}.` : name,
  '--remove',
  '-n',
  namespace,
]

/**
 * The namespace whose objects a command of this file changes; undefined for a text that is none of them. A command
 * that is not read for certain counts as one for the namespace `''`.
 */
export function commandNamespace(line: string): string | undefined {
  if (line.startsWith('echo ')) return namespaceInJson(/^echo '(.*)' \| kubectl apply -f -$/s.exec(line)?.[1])
  if (!line.startsWith('kubectl ')) return undefined
  if (line.startsWith('kubectl canary ')) return / -n ([\w.-]+)$/.exec(line)?.[1] ?? ''
  return (
    /^kubectl (?:patch|delete|label|annotate) \S+ (?:[\w@%+=:,./-]+) -n ([\w.-]+)(?: |$)/.exec(line)?.[1]
    ?? ''
  )
}

function namespaceInJson(text: string | undefined): string {
  try {
    return (JSON.parse(text ?? '') as KubeObject).metadata.namespace ?? ''
  } catch {
    return ''
  }
}

const argumentsFor = ({ kind, namespace, name }: Ref): string =>
  `${typeName(kind)} ${shellWord(name)} -n ${shellWord(namespace)}`

/** Kinds of custom groups by their full name, as other projects have a `VirtualService` or `Gateway` too. */
function typeName(kind: Kind): string {
  const { group, plural } = resources[kind]
  return group.includes('.') && group !== 'discovery.k8s.io'
    ? `${plural}.${group}`
    : apiKindOf(kind).toLowerCase()
}

// In JSON an apostrophe may be written by its number: then nothing in it can end the shell's quotes.
const quoted = (value: unknown): string => `'${JSON.stringify(value).replaceAll("'", '\\u0027')}'`

/** A word as a POSIX shell reads it whole. */
export const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`

/** Words as one line of a POSIX shell. */
export const quotedWords = (words: readonly string[]): string => words.map(shellWord).join(' ')
