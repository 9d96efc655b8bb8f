import type { Service } from '../../../objects/core.ts'
import { derivedOnce, labelsOf } from '../../../objects/unchecked.ts'

/** Publishes a Service: the name of its application in API7 Cloud, which is its host, too. */
export const publishedAnnotation = 'api7.cloud/published-service'
/** `true` makes a published Service the canary of its application. */
export const canaryAnnotation = 'api7.cloud/published-canary-service'
/** What part of the requests the canary gets, in whole percent; 10 where it is left out. */
export const percentAnnotation = 'api7.cloud/published-service-canary-percentage'

/**
 * What the controller makes of a Service (api7/canary-release-demo, controllers/service_controller.go):
 *
 * - `published`: the application leads to it, unless a canary of it is finished.
 * - `canary`: it gets a part; `finished` from 100 % on, which API7 Cloud does not take back.
 * - `rolled-back`: it has been a canary. Its rule is paused, and the controller never starts it again: it only
 *   changes its percentage.
 * - `prepared`: it is marked as a canary, and of no application yet.
 */
export type PublishedState = 'published' | 'canary' | 'finished' | 'rolled-back' | 'prepared'

/** A Service as the controller has it. */
export interface PublishedService {
  readonly state: PublishedState
  /** Empty where it is not published. */
  readonly application: string
  /**
   * Of a canary, in percent; undefined where nobody can tell: the client of API7 Cloud leaves a 0 out of what it
   * sends, so that the share from before stays.
   */
  readonly percent: number | undefined
}

/** A Service as the controller has it; undefined where it has nothing to do with it. */
export const publishedOf: (service: Service) => PublishedService | undefined = derivedOnce(service => {
  const annotations = labelsOf(service.metadata.annotations)
  const application = annotations[publishedAnnotation] ?? ''
  const isCanary = annotations[canaryAnnotation] === 'true'
  const percent = percentOf(annotations[percentAnnotation])
  if (application === '') return isCanary ? { state: 'prepared', application, percent: undefined } : undefined
  if (!isCanary) {
    const state = annotations[percentAnnotation] === undefined ? 'published' : 'rolled-back'
    return { state, application, percent: undefined }
  }
  return percent === 100
    ? { state: 'finished', application, percent }
    : { state: 'canary', application, percent: percent > 0 ? percent : undefined }
})

/** As strconv.Atoi reads it: what is no whole number is 10, and what is more than 100 is 100. */
function percentOf(text: string | undefined): number {
  if (text === undefined || !/^[+-]?\d+$/.test(text)) return 10
  return Math.min(100, Number(text))
}
