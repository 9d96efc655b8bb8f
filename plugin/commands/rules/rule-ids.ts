import type { CompletionSource } from '../../flags/completed.ts'

/** Proposes the rules; they are loaded only where one is to be completed. */
export const ruleIds: CompletionSource = async () => {
  const { catalogue } = await import('../../../shared/rules/catalogue.ts')
  const byId = new Map(catalogue.map(({ id, summary }) => [id, { value: id, about: summary }]))
  return { items: [...byId.values()] }
}

/** Proposes the rules that a list with commas does not have yet. */
export const ruleIdList: CompletionSource = async typed => {
  const start = typed.current.slice(0, typed.current.lastIndexOf(',') + 1)
  const named = new Set(start.split(','))
  const { items } = await ruleIds(typed)
  return {
    items: items
      .filter(({ value }) => !named.has(value))
      .map(({ value, about }) => ({ value: start + value, about })),
  }
}
