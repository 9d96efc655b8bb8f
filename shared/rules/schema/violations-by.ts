import type { KubeObject } from '../../objects/kube-object.ts'
import type { Violation } from '../rule.ts'
import { violationOf, type Fault } from './fault.ts'
import { checkObject } from './object.ts'
import type { KindSchema } from './schema.ts'
import { checkStructure } from './structure.ts'

/** What an API server refuses of an object by the schema of its CRD; nothing where there is no schema. */
export function* violationsBy(schema: KindSchema | undefined, object: KubeObject): Iterable<Violation> {
  if (schema === undefined) return
  for (const fault of checkObject(object, schema)) yield violationOf(fault, object)
  yield* specViolations(object, schema)
}

/** An object that an API server keeps has only fields that its CRDs have. */
const isKept = ({ metadata }: KubeObject): boolean =>
  metadata.uid !== undefined || metadata.resourceVersion !== undefined

function* specViolations(object: KubeObject, schema: KindSchema): Iterable<Violation> {
  const spec: unknown = Reflect.get(object, 'spec')
  if (spec === undefined) return
  const { faults, unknownFields, experimentalFields } = checkStructure(schema, spec, ['spec'])
  const said = (fault: Fault): Violation => violationOf(fault, object)
  yield* faults.map(said)
  if (isKept(object)) return
  yield* unknownFields.map(said)
  yield* experimentalFields.map(fault => ({
    ...said(fault),
    severity: { webhook: 'info' as const, lint: 'warning' as const },
  }))
}
