import { CanaryError } from '../../../objects/canary-error.ts'
import { serviceWord } from '../../../objects/text/kubectl-commands.ts'
import type { Turn } from '../../../routing/provider.ts'
import { serviceOf } from '../../../workloads/version-services.ts'
import { publishedOf, type PublishedState } from '../resolve/published.ts'

/**
 * Throws a CanaryError `refused` for a change of annotations that API7 Cloud does not follow, so that requests would continue as
 * before whatever the annotations say: what an undo of some edits would do.
 */
export function requireFollowed({ before, after }: Turn): void {
  for (const { host } of after.service.hosts ?? before.service.hosts ?? []) {
    const [was, is] = [before.view, after.view].map(view => serviceOf(view, host))
    if (was === undefined || is === undefined) continue
    const [from, to] = [publishedOf(was)?.state, publishedOf(is)?.state]
    const reason = from === to ? undefined : notFollowed(from, to)
    if (reason === undefined) continue
    const { name, namespace } = after.service
    throw new CanaryError('refused', `Service ${was.metadata.name}: ${reason}`, {
      hints:
        from === 'canary'
          ? [`Roll back: kubectl canary abort ${serviceWord(name)} -n ${namespace}`]
          : ['Change it in the console of API7 Cloud.'],
    })
  }
}

function notFollowed(from: PublishedState | undefined, to: PublishedState | undefined): string | undefined {
  if (from === 'finished') return 'a canary release of 100 % is final, and API7 Cloud does not take it back'
  if (from === 'rolled-back' && (to === 'canary' || to === 'finished'))
    return 'its canary release was rolled back, and the controller of API7 Cloud does not start it again'
  if (from === 'canary' && (to === undefined || to === 'prepared'))
    return 'without api7.cloud/published-service the controller does not look at it, and the canary would continue'
  return from === 'published' && to === undefined
    ? 'without its annotation the controller does not look at it, and API7 Cloud would continue as before'
    : undefined
}
