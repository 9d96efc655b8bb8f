import type { KubeObject } from '../../objects/kube-object.ts'
import { valueAt } from '../../objects/paths.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import type { Placeholder } from '../../view/sources.ts'
import type { AnyRule, Finding, Path, RuleSettings } from '../rule.ts'

/** An object with placeholders, and the rules that look at nothing else. */
export interface UnfilledSubject {
  readonly object: KubeObject
  readonly placeholders: readonly Placeholder[]
  readonly rules: readonly AnyRule[]
  readonly view: ClusterView
  readonly settings: RuleSettings
}

/** One of each kind of value that a field may get. */
const samples: readonly (string | number | boolean)[] = ['filled', 80, '10.0.0.1', '10s', true, 'HTTP']

/**
 * Whether a finding of a rule that looks at one object alone holds whatever the placeholders become: it stands
 * with each value that the fields accept, and is about none of them.
 */
export function holdsWhateverFilled(subject: UnfilledSubject): (finding: Finding) => boolean {
  const fillings = plausibleFillings(subject)
  return ({ rule, path }) => {
    const { placeholders } = subject
    if (placeholders.some(({ path: field }) => isWithin(path, field))) return false
    // Which weight completes a sum is not among the samples.
    if (placeholders.some(({ path: field }) => field.at(-1) === 'weight' && isWithin(field, path)))
      return false
    if (fillings.length === 0) return !placeholders.some(({ path: field }) => isWithin(field, path))
    return fillings.every(found => found.some(other => other.rule === rule && isSame(other.path, path)))
  }
}

/** The findings for each way to fill the fields in that none of them is blamed for. */
function plausibleFillings(subject: UnfilledSubject): readonly (readonly Blame[])[] {
  const { object, placeholders } = subject
  const accepted = placeholders.map(placeholder =>
    samples.filter(sample => {
      const filled = withValue(object, placeholder.path, valueOf(object, placeholder, sample))
      return !blames(subject, filled).some(({ path }) => isWithin(path, placeholder.path))
    }),
  )
  if (accepted.some(values => values.length === 0)) return []
  return samples
    .map((_, i) =>
      placeholders.reduce((filled, placeholder, at) => {
        const values = accepted[at]!
        return withValue(filled, placeholder.path, valueOf(object, placeholder, values[i % values.length]!))
      }, object),
    )
    .map(filled => blames(subject, filled))
    .filter(found => !found.some(({ path }) => placeholders.some(field => isWithin(path, field.path))))
}

interface Blame {
  readonly rule: string
  readonly path: Path
}

const blames = ({ rules, view, settings }: UnfilledSubject, object: KubeObject): readonly Blame[] =>
  rules.flatMap(rule =>
    [...rule.check(view, object as never, settings)].map(({ path }) => ({ rule: rule.id, path })),
  )

/** A field with a sample for each of its placeholders; a field that is only a placeholder becomes exactly the sample. */
function valueOf(
  object: KubeObject,
  { path, texts }: Placeholder,
  sample: string | number | boolean,
): unknown {
  const value = valueAt(object, path)
  if (typeof value !== 'string' || texts.includes(value)) return typeof value === 'string' ? sample : value
  return texts.reduce((text, placeholder) => text.replaceAll(placeholder, () => String(sample)), value)
}

function withValue<T>(value: T, [step, ...rest]: Path, filled: unknown): T {
  if (step === undefined) return filled as T
  if (Array.isArray(value))
    return value.map((item, i) => (i === step ? withValue(item, rest, filled) : item)) as T
  return { ...value, [step]: withValue(Reflect.get(value as object, step), rest, filled) }
}

/** Whether a path is another one or below it. */
export const isWithin = (path: Path, other: Path): boolean => other.every((step, i) => path[i] === step)
const isSame = (one: Path, other: Path): boolean => one.length === other.length && isWithin(one, other)
