import { quotedName } from '../../objects/text/escaped.ts'
import type { Reference } from '../../providers/istio/resolve/evaluate.ts'

/** What is done where a host has no port that a destination could name: Istio makes no cluster of a UDP port. */
export const addingPort = ({ host }: Reference): string =>
  `Add a TCP port to ${quotedName(host)}, or route to a host that has one.`
