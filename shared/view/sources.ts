import type { KubeObject, Ref } from '../objects/kube-object.ts'
import type { Path } from '../objects/paths.ts'
import type { ClusterView } from './cluster-view.ts'

/**
 * The files that a reading was made of: where the fields of its objects are written, and what was skipped.
 * A cluster has none.
 */
export interface Sources {
  /** How many objects were read. */
  readonly count: number
  readonly skipped: readonly Skipped[]
  /** The objects with a list item that is null, which no API server takes, and the first such item. */
  readonly unusable: readonly { readonly ref: Ref; readonly path: Path }[]
  /** Labels, annotations and selector values that are no texts, as somebody left the quotes out. */
  readonly unquoted: readonly (UnquotedText & { readonly ref: Ref })[]
  /** The objects with fields that are still to be filled in, as by envsubst, kustomize or Flux. */
  readonly unfilled: readonly Unfilled[]
  /**
   * Where a field of an object is written, or the nearest field around it; undefined for an object that is
   * not in the files.
   */
  positionOf(ref: Ref, path: Path): Position | undefined
  /**
   * Whether the first object is read before the second, in the order of `kubectl apply -f`: files by their
   * names, then from top to bottom.
   */
  precedes(one: Ref, other: Ref): boolean
  /** The comments on the line of a field and directly above it, without their `#`. */
  commentsAt(ref: Ref, path: Path): readonly string[]
  /** The template that a place in a file was rendered from, where the file says so; undefined elsewhere. */
  templateOf(position: Pick<Position, 'file' | 'line'>): TemplatePlace | undefined
  /** Lines of a file as read, counted from 1, both ends included. */
  linesOf(file: string, range: { readonly from: number; readonly to: number }): readonly string[]
}

/**
 * Objects that are applied together. Files that define an object several times, as those of several
 * environments do, are several worlds.
 */
export interface FileWorld {
  /** The folder, file or place that holds its own definitions, as it was typed: `k8s/dev`, `all.yaml:12`. */
  readonly name: string
  /** What names its files alone: files and folders as typed, or the kustomization that builds it. */
  readonly words: { readonly files: readonly string[]; readonly kustomization?: string | undefined }
  /** The objects to judge here; one that is in several worlds is the same value in each. */
  readonly objects: readonly KubeObject[]
  /**
   * The objects, each time with other definitions of what lies around them. A fault that is not in every view
   * comes from mixing definitions that nobody applies together.
   */
  readonly views: readonly (() => ClusterView)[]
  /** The objects, and one definition of everything else that the files have anywhere. */
  readonly widest: () => ClusterView
  readonly sources: Sources
}

/** The worlds of files, and sentences for people about how the files were divided. */
export interface FileWorlds {
  readonly worlds: readonly FileWorld[]
  readonly notes: readonly string[]
}

/**
 * What was skipped: documents of kinds that we do not read, templates, and what cannot be read. Lines and
 * columns count from 1.
 */
export interface Skipped {
  readonly why: 'other-kind' | 'template' | 'broken'
  readonly file: string
  readonly line?: number
  readonly column?: number
  readonly reason: string
  /** What to do about it; left out where it goes without saying. */
  readonly fix?: string
  /** Of a template: the kind of the object that it is for. */
  readonly kind?: string
}

/**
 * A value that must be a text and is a number or a boolean: of `version: 1.9` without quotes. The API server refuses
 * the whole object.
 */
export interface UnquotedText {
  readonly path: Path
  readonly value: number | boolean
}

/** An object with fields whose values are not known yet. */
export interface Unfilled {
  readonly ref: Ref
  readonly placeholders: readonly Placeholder[]
}

/** A field with placeholders in its value or key, such as `${DOMAIN}`; each of them once. */
export interface Placeholder {
  readonly path: Path
  readonly texts: readonly string[]
}

/** A place in a file; lines and columns count from 1. */
export interface Position {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** The template that a place was rendered from; without a line where it is not known which. */
export interface TemplatePlace {
  readonly file: string
  readonly line?: number
}

/** `file:line`, as people click it. */
export const formatPosition = ({ file, line }: Position): string => `${file}:${line}`
