import type { VirtualService } from '../../../../objects/virtual-service.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { once } from '../../../../view/session.ts'
import { evaluate, type Evaluation, type DestinationOutcome, type Reference } from '../../resolve/evaluate.ts'
import type { Completeness } from '../../resolve/outcome.ts'
import { serviceMeant } from '../../resolve/registry.ts'

/**
 * One defect, whatever its stage: the destination leads nowhere. A change that only turns one stage into
 * another has broken nothing.
 */
export const deadDestination = 'dead-destination'

export type RouteFault =
  | 'undefined-subset'
  | 'subset-without-destination-rule'
  | 'subset-hidden-from-clients'
  | 'undefined-subset-inactive'
  | 'unknown-host'
  | 'unexpanded-host'
  | 'unknown-port'
  | 'ambiguous-port'

/** Why a destination or mirror leads nowhere for some or all who come that way. */
export interface Diagnosis {
  readonly fault: RouteFault
  readonly reference: Reference
  /** Those for whom it does. */
  readonly failing: readonly DestinationOutcome[]
  readonly isIdle: boolean
  /** What the host was probably meant to be, for `unexpanded-host`. */
  readonly intended: string | undefined
  /** Set where this is a stage of a destination that leads nowhere, whoever comes. */
  readonly family: string | undefined
}

/** What is wrong with each destination of a VirtualService, at most one thing each. */
export function diagnosesOf(
  view: ClusterView,
  subject: VirtualService,
  settings: Completeness,
): readonly Diagnosis[] {
  const evaluation = evaluate(view, subject, settings)
  return once(view, [diagnosesOf, evaluation], () =>
    evaluation.references.flatMap(reference => diagnose(view, { reference, evaluation, settings }) ?? []),
  )
}

interface Case {
  readonly reference: Reference
  readonly evaluation: Evaluation
  readonly settings: Completeness
}

/** Whether a proxy has no cluster there. */
export const leadsNowhere = ({ found }: DestinationOutcome): boolean =>
  found !== 'cluster' && found !== 'assumed'

function diagnose(view: ClusterView, { reference, evaluation, settings }: Case): Diagnosis | undefined {
  const { idle, outcomes, host } = reference
  const failing = outcomes.filter(leadsNowhere)
  const intended = serviceMeant(view, host)
  const fault =
    idle === undefined
      ? activeFault({ reference, failing, intended })
      : idleFault({
          reference,
          failing,
          intended,
          isComplete: settings.complete,
          isWaiting: evaluation.isWaiting,
        })
  if (fault === undefined) return undefined
  const isWhole =
    fault !== 'subset-hidden-from-clients'
    && failing.length === outcomes.length
    && (idle === undefined || evaluation.isWaiting)
  return {
    fault,
    reference,
    failing,
    isIdle: idle !== undefined,
    intended,
    family: isWhole || fault === 'unknown-host' ? deadDestination : undefined,
  }
}

interface Symptoms {
  readonly reference: Reference
  readonly failing: readonly DestinationOutcome[]
  readonly intended: string | undefined
}

function activeFault(symptoms: Symptoms): RouteFault | undefined {
  const { reference, failing, intended } = symptoms
  const { outcomes, target } = reference
  if (failing.length === 0)
    return outcomes.length > 0 && outcomes.every(({ found }) => found === 'assumed')
      ? hostFault(intended)
      : undefined
  const whole = failing.length === outcomes.length ? faultForAll(symptoms) : undefined
  if (whole !== undefined) return whole
  if (failing.some(({ found }) => found !== 'no-port'))
    return target.subset === undefined ? 'unknown-host' : 'subset-hidden-from-clients'
  return target.port === undefined ? 'ambiguous-port' : 'unknown-port'
}

const hostFault = (intended: string | undefined): RouteFault =>
  intended === undefined ? 'unknown-host' : 'unexpanded-host'

/** The fault where the destination leads nowhere for all, unless it is the port. */
function faultForAll({ failing, intended }: Symptoms): RouteFault | undefined {
  const has = (found: DestinationOutcome['found']): boolean =>
    failing.some(outcome => outcome.found === found)
  if (failing.every(({ found }) => found === 'no-host')) return hostFault(intended)
  if (has('no-subset')) return 'undefined-subset'
  if (!has('no-rule')) return undefined
  const isMisspelled = intended !== undefined && failing.every(({ provider }) => provider === undefined)
  return isMisspelled ? 'unexpanded-host' : 'subset-without-destination-rule'
}

function idleFault({
  reference: { outcomes, target },
  failing,
  intended,
  isComplete,
  isWaiting,
}: Symptoms & { readonly isComplete: boolean; readonly isWaiting: boolean }): RouteFault | undefined {
  if (outcomes.length === 0 || failing.length < outcomes.length) return undefined
  if (failing.every(({ found }) => found === 'no-host'))
    return intended !== undefined ? 'unexpanded-host' : isWaiting ? 'unknown-host' : undefined
  const isUndefined = failing.some(
    ({ found }) => found === 'no-subset' || (found === 'no-rule' && isComplete),
  )
  return target.subset !== undefined && isUndefined ? 'undefined-subset-inactive' : undefined
}
