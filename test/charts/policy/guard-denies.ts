import { weightsSumTo100 } from '../../../shared/rules/weights/weights-sum-to-100.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { defaultConfig, type GuardConfig } from '../../../webhook/config/config.ts'
import { review } from '../../../webhook/review/review.ts'
import { judgeBy } from '../../../webhook/run/judge-by.ts'
import { requestFor } from '../../webhook/requests.ts'
import { objectOf, type SpecChange } from './policed.ts'

/** Whether the guard refuses the change by that rule. */
export function guardDenies(
  { before, after }: SpecChange,
  config: Partial<GuardConfig> = {},
  metadata: object = {},
): boolean {
  const settings = { ...defaultConfig, ...config }
  const namespace = 'default'
  const { denials } = review(
    requestFor({
      ...(before === undefined ? {} : { before: objectOf(before, { namespace }) }),
      after: objectOf(after, { ...metadata, namespace }),
    }),
    { view: snapshot([]), judge: judgeBy([weightsSumTo100], settings), settings },
  )
  return denials.length > 0
}
