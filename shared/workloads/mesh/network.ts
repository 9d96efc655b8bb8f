import type { Labels } from '../../objects/kube-object.ts'
import { textOf } from '../../objects/unchecked.ts'

/** The label by which subsets ask for a network. */
export const networkLabel = 'topology.istio.io/network'

/** The network that an address says it is in, as the label that Istio makes of it. */
export function networkIn({ network }: Readonly<Record<string, unknown>>): Labels {
  const said = textOf(network)
  return said === undefined ? {} : { [networkLabel]: said }
}
