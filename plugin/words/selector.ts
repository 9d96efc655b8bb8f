import { CanaryError } from '../../shared/objects/canary-error.ts'
import type { Labels } from '../../shared/objects/kube-object.ts'

/** Whether labels are those that a selector asks for. */
export type LabelTest = (labels: Labels) => boolean

const key = String.raw`(?:[\w.-]+\/)?[\w.-]+`
const forms: readonly (readonly [
  RegExp,
  (parts: {
    readonly name: string
    readonly value: string
    readonly values: ReadonlySet<string>
  }) => LabelTest,
])[] = [
  [
    new RegExp(`^(?<name>${key})$`),
    ({ name }) =>
      labels =>
        name in labels,
  ],
  [
    new RegExp(`^!\\s*(?<name>${key})$`),
    ({ name }) =>
      labels =>
        !(name in labels),
  ],
  [
    new RegExp(`^(?<name>${key})\\s*==?\\s*(?<value>[\\w.-]*)$`),
    ({ name, value }) =>
      labels =>
        labels[name] === value,
  ],
  [
    new RegExp(`^(?<name>${key})\\s*!=\\s*(?<value>[\\w.-]*)$`),
    ({ name, value }) =>
      labels =>
        labels[name] !== value,
  ],
  [
    new RegExp(`^(?<name>${key})\\s+in\\s*\\((?<list>[\\w.,\\s-]*)\\)$`),
    ({ name, values }) =>
      labels =>
        values.has(labels[name] ?? '\n'),
  ],
  [
    new RegExp(`^(?<name>${key})\\s+notin\\s*\\((?<list>[\\w.,\\s-]*)\\)$`),
    ({ name, values }) =>
      labels =>
        !values.has(labels[name] ?? '\n'),
  ],
]

/**
 * A label selector in kubectl's grammar: `app=web,tier!=cache,env in (dev,qa),!legacy`; all parts must hold. Throws
 * `usage` for a text that is none.
 */
export function parseSelector(text: string): LabelTest {
  const tests = partsOf(text).map(part => testOf(part.trim(), text))
  return labels => tests.every(test => test(labels))
}

/** Commas within parentheses belong to a set. */
const partsOf = (text: string): readonly string[] => text.split(/,(?![^(]*\))/)

function testOf(part: string, text: string): LabelTest {
  for (const [form, make] of forms) {
    const groups = form.exec(part)?.groups
    if (groups === undefined) continue
    const { name = '', value = '', list = '' } = groups
    return make({ name, value, values: new Set(list.split(',').map(item => item.trim())) })
  }
  throw new CanaryError('usage', `invalid --selector ${JSON.stringify(text)}`, {
    hints: ['Use labels of Services, as with kubectl: app=web,tier!=cache,env in (dev,qa),!legacy'],
  })
}
