import { keyOf } from '../../../shared/objects/kube-object.ts'
import type { ProviderNote } from '../../../shared/routing/notes/provider-note.ts'
import { formatPercent } from '../../../shared/routing/shares.ts'
import { formatSpan } from './span.ts'

/** The sentences of notes about what one routing API, or pods alone, can carry out. */
export const providerSentences: {
  readonly [K in ProviderNote['kind']]: (note: ProviderNote & { readonly kind: K }) => string
} = {
  'rule-elsewhere': ({ object, service, route, subsets }) =>
    [
      `${keyOf(object)} is new: these files have no DestinationRule for ${service}, though ${keyOf(route)} names its subsets (${subsets.join(', ')}).`,
      'If another file has one, do not keep the new one: name that file with -f, too, and repeat this command.',
    ].join(' '),
  'route-refused': ({ object, by, reason }) =>
    `${keyOf(object)} may not be in effect as it is shown: ${by} says ${reason}.`,
  'percentage-lost': ({ object }) =>
    `${keyOf(object)}: its percentage is not from 1 to 100, so API7 Cloud ignores it and keeps the previous share.`,
  'release-is-final': ({ service, version }) =>
    `All requests of ${service} go to ${version} permanently: in API7 Cloud, neither abort nor undo `
    + 'can take back a release of 100 %.',
  // v2.0 of the controller looks for a default IngressClass where a route names none.
  'no-ingress-class': ({ object }) =>
    `${keyOf(object)} names no ingress class: the ingress controller since 2.0 follows it only where `
    + 'an IngressClass of APISIX is the default one. To name one: --gateway CLASS',
  'event-pauses': ({ object }) =>
    `Any change of ${keyOf(object)} pauses the canary in API7 Cloud: leave it as it is until the canary ends.`,
  'plugin-divides': ({ object, place, plugin, where }) =>
    `${keyOf(object)}, ${place}: the plugin ${plugin} (${where}) divides the requests, and not the weights of the backends.`,
  'stream-rule': ({ object, place, takes, service }) =>
    `${keyOf(object)}, ${place}: ${takes} go to Service ${service}. Shares, cohorts and edits do not apply to them.`,
  'affinity-starts': ({ service, ttl }) =>
    [
      `Service ${service} keeps each client address at the pod that it got, for ${formatSpan(ttl)} `
        + 'after its last request (sessionAffinity: ClientIP).',
      'The shares apply to new addresses. All users behind one proxy or NAT have one address, and a '
        + 'controller that balances over pods itself does not follow it.',
    ].join(' '),
  'affinity-ends': ({ service }) => `Service ${service} no longer keeps client addresses at a pod.`,
  'share-by-pods': ({ pods, shares, exact, fix, inRun }) =>
    [
      `${pods === 1 ? '1 pod' : `${pods} pods`} cannot give these shares:`,
      `${shares
        .map(one => `${one.version} gets ${formatPercent((one.pods * 100) / pods)} instead of ${one.asked} %`)
        .join(', ')}.`,
      fix !== undefined && inRun === true
        ? `${exact} pods are exact. Scaling stops a run, so do it before one: ${fix}`
        : `${exact} pods are exact${fix === undefined ? '.' : `: ${fix}, then repeat this command.`}`,
    ].join(' '),
  'budget-empty': ({ object, asks }) =>
    `${keyOf(object)} (${asks}) has no pods left: it limits evictions, such as those of a node `
    + 'drain, and does not limit scaling.',
  'budget-blocks': ({ object, asks, pods }) =>
    `${keyOf(object)} (${asks}) lets none of the ${pods === 1 ? 'pod' : `${pods} pods`} that `
    + `${pods === 1 ? 'is' : 'are'} left be evicted: a node that has one of them cannot be drained.`,
  'autoscaler-holds': ({ object, deployment, pods, before, fix }) =>
    `${keyOf(object)} keeps ${deployment} at ${pods} of the ${before} pods that it had before the canary: ${fix}`,
}
