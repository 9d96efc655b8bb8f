import { resolve } from 'node:path'
import type { Kind, KubeObject } from '../../objects/kube-object.ts'
import { kindOf } from '../../objects/kinds.ts'
import { podTemplatesOf } from '../../objects/pod-templates.ts'
import { fieldsOf, itemsOf } from '../../objects/unchecked.ts'
import type { ManifestObject } from '../manifest.ts'

/**
 * What one object at most has in a world: the text that a kustomization made it of, with what it takes for
 * itself (hosts and matches of a route, the host of a rule, the pods of a Service or workload). Two overlays
 * of one base that each prefix the names are two environments, though no name is there twice; a base that is
 * built for two services of one environment differs in what it takes. Undefined for objects as their file has
 * them, for what a generator made, and for kinds that may be there several times without harm.
 */
export function twinOf({ ref, object, build, source }: ManifestObject): string | undefined {
  const claim = build === undefined || source === undefined ? undefined : claimOf(object)
  if (claim === undefined) return undefined
  const { file, section } = source!.document
  const place = [file.path === undefined ? file.name : resolve(file.path), section.start, source!.item ?? 0]
  const namespace = claim.isInNamespace ? ref.namespace : undefined
  return JSON.stringify([...place, ref.kind, namespace ?? null, claim.of])
}

interface Claim {
  readonly of: unknown
  /** Objects of other namespaces take nothing from it. */
  readonly isInNamespace: boolean
}

type Fields = ReturnType<typeof fieldsOf>

const claims: Partial<Record<Kind, (spec: Fields) => Claim>> = {
  VirtualService: spec => routeClaim(spec['hosts'], matchesIn(spec['http'], 'match')),
  HTTPRoute: spec => routeClaim(spec['hostnames'], matchesIn(spec['rules'], 'matches')),
  GRPCRoute: spec => routeClaim(spec['hostnames'], matchesIn(spec['rules'], 'matches')),
  ApisixRoute: spec => routeClaim(undefined, matchesIn(spec['http'], 'match')),
  DestinationRule: spec => ({ of: spec['host'], isInNamespace: true }),
  Service: spec => ({ of: spec['selector'], isInNamespace: true }),
}

function claimOf(object: KubeObject): Claim | undefined {
  const kind = kindOf(object)
  const claim = kind === undefined ? undefined : claims[kind]
  if (claim !== undefined) return claim(fieldsOf(Reflect.get(object, 'spec')))
  const labels = podTemplatesOf(object).map(template => fieldsOf(template['metadata'])['labels'])
  return labels.length === 0 ? undefined : { of: labels, isInNamespace: true }
}

const matchesIn = (rules: unknown, key: string): readonly unknown[] =>
  itemsOf(rules).map(rule => fieldsOf(rule)[key] ?? null)

/** Short hosts are names of Services in the namespace of the route. */
const routeClaim = (hosts: unknown, matches: readonly unknown[]): Claim => ({
  of: [hosts ?? [], matches],
  isInNamespace: itemsOf(hosts).every(host => typeof host === 'string' && !host.includes('.')),
})
