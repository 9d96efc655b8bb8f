import { CanaryError } from '../../objects/canary-error.ts'
import { refOf } from '../../objects/kinds.ts'
import { namespaceOf, type KubeObject } from '../../objects/kube-object.ts'
import { removeAnnotationCommand } from '../../objects/text/kubectl-commands.ts'
import { fieldsOf, isFields } from '../../objects/unchecked.ts'
import { defaultCondition, type Condition } from '../condition.ts'
import type { Note } from '../note.ts'
import { idOf, type RoutedService } from '../service.ts'
import type { WantedCohort } from '../wanted.ts'

/**
 * Says which version is stable while a canary is on: `v1`, or `catalog=v1,orders=v3` where a routing object
 * routes several services.
 */
export const stableAnnotation = 'kubectl-canary/stable'
/** Says which routes are ours, whose they are, and what to put back when they go: JSON. */
export const cohortsAnnotation = 'kubectl-canary/cohorts'

/** One cohort of one service in one routing object. */
export interface CohortRecord {
  /** `catalog.istioinaction` */
  readonly service: string
  readonly name: string
  /** The version, as people call it. */
  readonly to: string
  /** What part of its requests goes there, in percent, where it is not all. */
  readonly share?: number
  readonly when: readonly Condition[]
  /** What its routing API calls the routes that are ours. */
  readonly routes: readonly string[]
  readonly since?: string
  readonly until?: string
  readonly reason?: string
  /** Its routes are those of a sticky split for the cookie of one version; nobody set it by name. */
  readonly sticky?: true
}

/** What is written down on a routing object; what to put back is its routing API's to say. */
export interface WrittenRecord<Restore extends object> {
  readonly cohorts: readonly CohortRecord[]
  readonly restore?: Restore
}

/** A cohort as the annotation has it: the default condition is left out. */
export type WrittenCohort = Omit<CohortRecord, 'when'> & { readonly when?: readonly Condition[] }

/** What we wrote down on a routing object; undefined where somebody else has written over it. */
export function readRecord<Restore extends object>(object: KubeObject): WrittenRecord<Restore> | undefined {
  const text: unknown = object.metadata.annotations?.[cohortsAnnotation]
  if (text === undefined) return { cohorts: [] }
  return typeof text === 'string' ? (parse(text) as WrittenRecord<Restore> | undefined) : undefined
}

/** The error that what we wrote down on a routing object cannot be read. */
export function unreadableRecord(object: KubeObject): CanaryError {
  const [{ name }, namespace, { kind }] = [object.metadata, namespaceOf(object), object]
  return new CanaryError(
    'unreadable',
    `annotation ${cohortsAnnotation} of ${kind} ${namespace}/${name} is not what kubectl canary wrote`,
    {
      hints: [
        `Delete the annotation, and the routes of cohorts with it: kubectl edit ${kind.toLowerCase()} ${name} -n ${namespace}`,
      ],
    },
  )
}

/** The note that what we wrote down on a routing object cannot be read, with the command that removes it. */
export const unreadableNote = (object: KubeObject): Note => ({
  kind: 'unreadable-record',
  object: refOf(object),
  annotation: cohortsAnnotation,
  fix: removeAnnotationCommand(refOf(object), cohortsAnnotation),
  edit: `remove its annotation ${cohortsAnnotation}`,
})

/** What is written down of a service's cohorts; nothing where the record cannot be read. */
export const cohortsIn = (object: KubeObject, service: RoutedService): readonly CohortRecord[] =>
  (readRecord(object)?.cohorts ?? []).filter(cohort => cohort.service === idOf(service))

/** Whether a cohort is one that people set: the routes of a sticky split are recorded beside them. */
export const isOfPeople = ({ sticky }: Pick<CohortRecord, 'sticky'>): boolean => sticky !== true

/** A cohort as it was wanted. */
export const wantedCohort = ({
  name,
  to,
  share,
  when,
  since,
  until,
  reason,
}: CohortRecord): WantedCohort => ({
  name,
  to,
  ...(share !== undefined && { share }),
  when,
  ...(since !== undefined && { since }),
  ...(until !== undefined && { until }),
  ...(reason !== undefined && { reason }),
})

function parse(text: string): WrittenRecord<object> | undefined {
  const { cohorts, ...rest } = fieldsOf(parsed(text))
  if (!Array.isArray(cohorts) || !cohorts.every(isCohort)) return undefined
  if (rest['restore'] !== undefined && !isFields(rest['restore'])) return undefined
  return {
    ...rest,
    cohorts: cohorts.map(cohort => ({ ...cohort, when: cohort.when ?? [defaultCondition(cohort.name)] })),
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isText = (value: unknown): value is string => typeof value === 'string'
const isTextOrNone = (value: unknown): boolean => value === undefined || isText(value)

function isCohort(value: unknown): value is WrittenCohort {
  const { service, name, to, share = 0, when = [], routes, since, until, reason } = fieldsOf(value)
  return (
    [service, name, to].every(isText)
    && typeof share === 'number'
    && Array.isArray(routes)
    && routes.every(isText)
    && Array.isArray(when)
    && when.every(isCondition)
    && [since, until, reason].every(isTextOrNone)
  )
}

function isCondition(value: unknown): value is Condition {
  const { on, name, match, value: said, percent, digits } = fieldsOf(value)
  const isWhole: Readonly<Record<Condition['on'], boolean>> = {
    header: isFields(match),
    query: isFields(match),
    claim: isFields(match),
    cookie: isText(said),
    'source-label': isText(said),
    bucket: typeof percent === 'number' && (digits === 'decimal' || digits === 'hex'),
  }
  return isText(name) && Object.entries(isWhole).some(([kind, whole]) => kind === on && whole)
}
