import type { Argument, Option } from 'commander'

/** One proposal, with a few words about it. */
export interface Candidate {
  readonly value: string
  readonly about?: string | undefined
}

export interface Candidates {
  readonly items: readonly Candidate[]
  /** A file name is possible here. */
  readonly files?: boolean
  /** The word continues (`v2=`): the shell adds no blank. */
  readonly open?: boolean
}

/** The names that exist in the cluster or the files. */
export interface Names {
  readonly services: readonly string[]
  readonly versions: readonly string[]
  readonly cohorts: readonly string[]
  readonly gateways: readonly string[]
}

/** The routes that an edit may choose among, as a command takes them. */
export interface RouteNames {
  readonly routes: readonly string[]
  readonly virtualServices: readonly string[]
}

/** What a kubeconfig names. */
export interface KubeconfigNames {
  readonly contexts: readonly string[]
  readonly clusters: readonly string[]
  readonly users: readonly string[]
}

/** Reads the names that exist. */
export interface NameReader {
  /** Those of a service, or of all services of the namespace. */
  readonly names: (service: string | undefined) => Promise<Names>
  readonly routes: (service: string | undefined) => Promise<RouteNames>
  readonly namespaces: () => Promise<readonly string[]>
  readonly kubeconfig: () => Promise<KubeconfigNames>
}

/** Where the cursor is. */
export interface Typed extends Pick<NameReader, 'namespaces' | 'kubeconfig'> {
  /** The word being typed, maybe empty. */
  readonly current: string
  /** The formats that -o takes here. */
  readonly formats: readonly string[]
  /** Reads the names of the service that the line is about. */
  readonly names: () => Promise<Names>
  /** Reads the routes of the service that the line is about. */
  readonly routes: () => Promise<RouteNames>
  /** Reads the names of the namespace, whatever service the line names. */
  readonly allNames: () => Promise<Names>
}

/** Proposes the values of an option or an argument. */
export type CompletionSource = (typed: Typed) => Candidates | Promise<Candidates>

const valuesOf = (values: readonly string[]): Candidates => ({ items: values.map(value => ({ value })) })

/** Sources that several options and arguments share. */
export const versions: CompletionSource = async ({ names }) => valuesOf((await names()).versions)
export const cohortNames: CompletionSource = async ({ names }) => valuesOf((await names()).cohorts)
export const gateways: CompletionSource = async ({ names }) => valuesOf((await names()).gateways)
export const routes: CompletionSource = async typed => valuesOf((await typed.routes()).routes)
export const virtualServices: CompletionSource = async typed =>
  valuesOf((await typed.routes()).virtualServices)
export const namespaces: CompletionSource = async typed => valuesOf(await typed.namespaces())
export const inKubeconfig =
  (part: keyof KubeconfigNames): CompletionSource =>
  async ({ kubeconfig }) =>
    valuesOf((await kubeconfig())[part])
/** The Services, with the kind before the name where it was typed so: `svc/catalog`. */
export const services: CompletionSource = async ({ current, allNames }) => {
  const kind = /^[a-z]+\//.exec(current)?.[0] ?? ''
  return valuesOf((await allNames()).services.map(name => kind + name))
}
/** After `catalog,` the Services that are not named yet, each behind those that are. */
export const listedServices: CompletionSource = async typed => {
  const start = typed.current.slice(0, typed.current.lastIndexOf(',') + 1)
  const named = new Set(start.split(','))
  const { items } = await services({ ...typed, current: typed.current.slice(start.length) })
  return {
    items: items
      .filter(({ value }) => !named.has(value))
      .map(({ value, ...rest }) => ({ ...rest, value: start + value })),
  }
}
/** The first of one or two words is a version, or the Service before it. */
export const versionsOrServices: CompletionSource = async typed => {
  const [first, second] = [await versions(typed), await services(typed)]
  return { items: [...first.items, ...second.items] }
}
/** After `v2=10,` the versions that are not named yet, each with the sign before its percentage. */
export const sharesToGive: CompletionSource = async ({ current, names }) => {
  const start = current.slice(0, current.lastIndexOf(',') + 1)
  const named = new Set(start.split(',').map(item => item.split('=')[0]))
  const { versions: known } = await names()
  return {
    items: known.filter(version => !named.has(version)).map(version => ({ value: `${start}${version}=` })),
    open: true,
  }
}
/** The first word is a share, or the Service before the shares. */
export const sharesOrServices: CompletionSource = async typed => {
  const [shares, found] = [await sharesToGive(typed), await services(typed)]
  return { items: [...shares.items, ...found.items], open: true }
}
/** What -o takes for the command that is typed. */
export const formats: CompletionSource = ({ formats: known }) => ({
  ...valuesOf(known.toSorted()),
  open: true,
})
export const anyFile: CompletionSource = () => ({ items: [], files: true })
export const oneOf =
  (...values: readonly string[]): CompletionSource =>
  () =>
    valuesOf(values)

const sources = new WeakMap<Argument | Option, CompletionSource>()

/** Declares what completes an option or an argument. */
export function completed<Part extends Argument | Option>(part: Part, source: CompletionSource): Part {
  sources.set(part, source)
  return part
}

/** What completes an option or an argument: what was declared, else its choices. */
export function sourceOf(part: Argument | Option): CompletionSource | undefined {
  return sources.get(part) ?? (part.argChoices === undefined ? undefined : oneOf(...part.argChoices))
}
