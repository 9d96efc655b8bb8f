import type { CompletionSource } from '../../flags/completed.ts'

/** Proposes the rules; they are loaded only where one is to be completed. */
export const ruleIds: CompletionSource = async () => {
  const [{ catalogue }, { describedForLint }] = await Promise.all([
    import('../../../shared/rules/catalogue.ts'),
    import('../../../shared/rules/described.ts'),
  ])
  return { items: describedForLint(catalogue).map(({ id, summary }) => ({ value: id, about: summary })) }
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
