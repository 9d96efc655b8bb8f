import type { KubeObject } from '../../objects/kube-object.ts'
import { refOf, resources } from '../../objects/kinds.ts'
import { fieldsOf, itemsOf, textOf } from '../../objects/unchecked.ts'
import type { OwnerRef } from '../../view/store.ts'

/** A tool that applies an object from somewhere else. */
export interface ApplyingTool {
  readonly tool: 'Argo CD' | 'Flux' | 'Helm'
  /** What of it: `the Application shop`. */
  readonly owner: string
  /** It sets an edit back by itself, and not only at the next release. */
  readonly reverts: boolean
  /** How it is told to leave the edit, each line a sentence, a command or a part of YAML. */
  readonly rule: readonly string[]
  /** Why this edit stays: `ignoreDifferences of the Application argocd/shop`. */
  readonly keeps?: string
  /** The edit stays only as long as the fields are claimed by our field manager. */
  readonly keepsClaimed?: boolean
}

/** The objects of tools that could be read, by the keys of their refs. */
export type Owners = ReadonlyMap<string, KubeObject>

/** `applications.argoproj.io argocd/shop` */
export const ownerKey = ({ plural, group, namespace, name }: OwnerRef): string =>
  `${plural}.${group} ${namespace}/${name}`

/** The group, kind, namespace and name by which tools choose objects. */
export interface Identity {
  readonly group: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

/** How tools name an object of ours. */
export function identityOf(object: KubeObject): Identity {
  const { kind, namespace, name } = refOf(object)
  return { group: resources[kind].group, kind: object.kind, namespace, name }
}

/** A field of an object that is not of ours, as a list of mappings. */
export const entriesOf = (value: unknown): readonly Readonly<Record<string, unknown>>[] =>
  itemsOf(value).map(fieldsOf)

/** Labels and annotations in one mapping, as tools look for their marks. */
export function marksOf({ metadata }: KubeObject): (key: string) => string | undefined {
  const marks = { ...fieldsOf(metadata.labels), ...fieldsOf(metadata.annotations) }
  return key => (Object.hasOwn(marks, key) ? textOf(marks[key]) : undefined)
}
