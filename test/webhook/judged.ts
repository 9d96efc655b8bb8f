/** What the guard's review says of a change, without a guard and without a cluster. */
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { guardedRules } from '../../shared/rules/catalogue.ts'
import type { Judge } from '../../shared/rules/introduced.ts'
import { snapshot } from '../../shared/view/snapshot.ts'
import { defaultConfig, type GuardConfig } from '../../webhook/config/config.ts'
import { review, type Verdict } from '../../webhook/review/review.ts'
import { requestFor, type ReviewInput } from './requests.ts'

/** The rules that ship, on a cluster of which everything is known. */
export const catalogueJudge: Judge = {
  rules: guardedRules,
  settings: { complete: true, relativeWeights: false },
}

/** Reviews changes where there are these objects and those that a test adds; the settings are the defaults but for what it names. */
export const judgedAmong =
  (base: readonly KubeObject[], judge: Judge = catalogueJudge) =>
  (input: ReviewInput, objects: readonly KubeObject[] = [], settings: Partial<GuardConfig> = {}): Verdict =>
    review(requestFor(input), {
      view: snapshot([...base, ...objects]),
      judge,
      settings: { ...defaultConfig, ...settings },
    })

/** The rules of some findings, each once. */
export const rulesOf = (findings: Verdict['denials']): readonly string[] => [
  ...new Set(findings.map(({ rule }) => rule)),
]
