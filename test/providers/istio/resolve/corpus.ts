import { readFileSync } from 'node:fs'
import { parseAllDocuments } from 'yaml'
import { kindOf } from '../../../../shared/objects/kinds.ts'
import type { KubeObject, Labels } from '../../../../shared/objects/kube-object.ts'
import {
  defaultMesh,
  meshOfConfigMap,
  withOverrides,
  type MeshSettings,
} from '../../../../shared/view/mesh.ts'
import { parse } from 'yaml'

/** What Istio's own generator wrote for one route in one proxy. */
export interface TruthRow {
  readonly vs: string
  readonly host: string
  readonly subset: string | null
  readonly port: number
  readonly mirror: boolean
  readonly weight: number | null
  readonly cluster_exists: boolean
  readonly endpoints: number
}
export interface Scenario {
  readonly file: string
  readonly runtime: string
  readonly why: string
  readonly meshConfig: string | null
  readonly proxies: readonly {
    readonly name: string
    readonly namespace: string
    readonly type: string
    readonly labels: Labels
  }[]
  readonly truth: Readonly<Record<string, readonly TruthRow[]>>
  readonly dangling: readonly { readonly vs: string; readonly host: string; readonly subset: string | null }[]
}
export interface Owed {
  readonly must: Readonly<Record<string, 'error' | 'warning' | 'info'>>
  readonly also_accepted?: readonly string[]
}

const folder = new URL('../../../fixtures/corpus/', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, folder), 'utf8')

export const scenarios = (
  JSON.parse(read('resolution-expected.json')) as { readonly cases: readonly Scenario[] }
).cases
export const owed = JSON.parse(read('expected-rules.json')) as Readonly<Record<string, Owed>>
export const idOfScenario = ({ file }: Scenario): string => file.replace(/^.*\/|\.yaml$/g, '')

/** The objects of the kinds that we read, deep-frozen. */
export const objectsIn = (path: string): readonly KubeObject[] => objectsOf(read(path))

export const objectsOf = (text: string): readonly KubeObject[] =>
  parseAllDocuments(text)
    .map(document => document.toJS() as KubeObject | null)
    .filter(object => object !== null && kindOf(object) !== undefined)
    .map(object => deepFreeze(object!))

export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const below of Object.values(value)) deepFreeze(below)
  }
  return value
}

export const meshOf = ({ meshConfig }: Scenario): MeshSettings =>
  meshConfig === null
    ? defaultMesh
    : withOverrides(
        defaultMesh,
        meshOfConfigMap(
          { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'istio' }, data: { mesh: meshConfig } },
          parse,
        ),
      )
