import type { Note } from '../../../shared/routing/note.ts'
import { formatPercent } from '../../../shared/routing/shares.ts'
import { formatSpan } from './span.ts'

type PodNote = Note & { readonly kind: 'affinity-starts' | 'affinity-ends' | 'share-by-pods' }

/** The sentences of notes about pods that a Service itself spreads connections over. */
export const podSentences: {
  readonly [K in PodNote['kind']]: (note: PodNote & { readonly kind: K }) => string
} = {
  'affinity-starts': ({ service, ttl }) =>
    [
      `Service ${service} keeps each client address at the pod that it got, for ${formatSpan(ttl)} after its last request (sessionAffinity: ClientIP).`,
      'The shares apply to new addresses. All users behind one proxy or NAT have one address, and a controller that balances over pods itself does not follow it.',
    ].join(' '),
  'affinity-ends': ({ service }) => `Service ${service} no longer keeps client addresses at a pod.`,
  'share-by-pods': ({ pods, shares, exact, fix }) =>
    [
      `${pods === 1 ? '1 pod' : `${pods} pods`} cannot be divided so:`,
      `${shares.map(one => `${one.version} gets ${formatPercent((one.pods * 100) / pods)} instead of ${one.asked} %`).join(', ')}.`,
      `${exact} pods are exact${fix === undefined ? '.' : `: ${fix}, then repeat this command.`}`,
    ].join(' '),
}
