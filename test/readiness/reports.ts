import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { readEveryService } from '../../shared/plan/read-services.ts'
import type { ReadinessState } from '../../shared/readiness/check.ts'
import { judgeReadiness, type ReadinessReport } from '../../shared/readiness/judge-readiness.ts'
import { snapshot, type SnapshotOptions } from '../../shared/view/snapshot.ts'
import { deepFreeze, objectsOf } from '../providers/istio/resolve/corpus.ts'

/** What a check says: its state, and each thing that it found as `STATE MESSAGE`. */
export interface Said {
  readonly state: ReadinessState | undefined
  readonly results: readonly string[]
  readonly fixes: readonly string[]
}

interface Asked extends SnapshotOptions {
  readonly service?: string
  readonly namespace?: string
  readonly live?: boolean
}

/** The reports on some objects: of the Service `catalog` in `shop` unless said otherwise. */
export function reportsOn(
  objects: readonly KubeObject[],
  { service, namespace = 'shop', live = true, ...options }: Asked = {},
): readonly ReadinessReport[] {
  const target = {
    namespace,
    command: 'doctor',
    live,
    ...(service === undefined ? {} : { service }),
  }
  const given = snapshot(deepFreeze(objects), options)
  const readings = readEveryService(given, target)
  return judgeReadiness({
    view: readings[0]?.view ?? given,
    readings,
    namespaces: service === undefined ? [namespace] : [],
    live,
    now: Date.parse('2026-08-01T12:00:00Z'),
    place: {},
  })
}

/** What one check says of one service. */
export function saidOf(id: string, objects: readonly KubeObject[], asked: Asked = {}): Said {
  const [report] = reportsOn(objects, { service: 'catalog', ...asked })
  const outcome = report!.checks.find(check => check.id === id)
  return {
    state: outcome?.state,
    results: (outcome?.results ?? []).map(({ state, message }) => `${state} ${message}`),
    fixes: (outcome?.results ?? []).flatMap(({ fix }) => fix),
  }
}

/** Everything that is not in order, as `KIND NAME CHECK STATE MESSAGE`. */
export const faultsOf = (reports: readonly ReadinessReport[]): readonly string[] =>
  reports.flatMap(({ ref, checks }) =>
    checks.flatMap(({ id, results }) =>
      results
        .filter(({ state }) => state !== 'pass')
        .map(({ state, message }) => `${ref.kind} ${ref.name} ${id} ${state} ${message}`),
    ),
  )

/** The objects of YAML, one document or several. */
export const yaml = (...texts: readonly string[]): readonly KubeObject[] => texts.flatMap(objectsOf)

/** The objects of a file of the repository. */
export const objectsInFile = (path: string): readonly KubeObject[] =>
  objectsOf(readFileSync(join(import.meta.dirname, '../..', path), 'utf8'))
