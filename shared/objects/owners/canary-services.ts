import { fieldsOf, textOf } from '../unchecked.ts'

/** The Services that Flagger makes for a Canary. */
export interface CanaryServices {
  readonly apex: string
  readonly primary: string
  readonly canary: string
}

/** The Services that Flagger makes by the spec of a Canary, checked by nobody (GetServiceNames). */
export function canaryServicesOf(spec: unknown): CanaryServices {
  const { service, targetRef } = fieldsOf(spec)
  const apex = textOf(fieldsOf(service)['name']) ?? textOf(fieldsOf(targetRef)['name']) ?? ''
  return { apex, primary: `${apex}-primary`, canary: `${apex}-canary` }
}
