import { resources } from '../../objects/kinds.ts'
import type { Kind } from '../../objects/kube-object.ts'

/** Whether a kind is of the Gateway API, whose definitions are of many versions. */
export const isOfGatewayApi = (kind: Kind): boolean => resources[kind].group === 'gateway.networking.k8s.io'

/**
 * The fields that an API server's strict validation does not know, by its message
 * (sigs.k8s.io/json: `unknown field "spec.a"`); none for another message.
 */
export function unknownFieldsIn(message: string): readonly string[] {
  const said = /strict decoding error: (.*)$/s.exec(message)?.[1] ?? ''
  const fields = [...said.matchAll(/unknown field "([^"]*)"/g)].map(([, field]) => field!)
  return fields.length > 0 && said.split(', ').every(part => part.startsWith('unknown field "')) ? fields : []
}
