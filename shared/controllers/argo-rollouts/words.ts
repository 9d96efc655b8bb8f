import { fieldsOf, isFields, textOf } from '../../objects/unchecked.ts'
import { formatStep, servicesNamed, stepIndexOf, type RolloutFields } from './rollout.ts'

/** What a promotion does to a blue-green Rollout: `web-active leads to the pods of the preview`. */
export const switchWords = (fields: RolloutFields): string => {
  const [active = 'its active Service'] = servicesNamed(fields).stable
  return `${active} leads to the pods of the preview${isFields(fields.blueGreen?.['postPromotionAnalysis']) ? ', and postPromotionAnalysis begins' : ''}`
}

/** Where a Rollout is, as a step of it means: its new version, its step, and why it waits. */
export function placeOf(fields: RolloutFields): string {
  const index = stepIndexOf(fields)
  const current = index === undefined ? undefined : fields.steps[index]
  const step =
    index === undefined
      ? ''
      : ` at ${current === undefined ? 'the end of its steps' : `step ${index + 1} of ${fields.steps.length} (${formatStep(current)})`}`
  const reasons = fields.pauseConditions.map(one => textOf(fieldsOf(one)['reason']) ?? 'a pause')
  const waits = reasons.length === 0 ? '' : `, held by ${reasons.join(' and ')}`
  return `${versionWords(fields)}${step}${waits}`
}

/** `version c3`: by the hash of its pod template. */
export const versionWords = ({ status }: RolloutFields): string =>
  `version ${textOf(status['currentPodHash']) ?? 'unknown'}`

/** ` from step 2 of 4 (pause) to setWeight 50`; nothing where there are no steps. */
export function stepWords(fields: RolloutFields): string {
  const index = stepIndexOf(fields)
  const current = index === undefined ? undefined : fields.steps[index]
  if (index === undefined || current === undefined) return ''
  const next = fields.steps[index + 1]
  return ` from step ${index + 1} of ${fields.steps.length} (${formatStep(current)}) to ${next === undefined ? 'its end' : formatStep(next)}`
}

/** The Services of a blue-green Rollout: `web-active and web-preview`. */
export function colourNames(fields: RolloutFields): string {
  const { stable, canary } = servicesNamed(fields)
  return [...stable, ...canary].join(' and ')
}
