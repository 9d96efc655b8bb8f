import type { Reading, Scope, Store } from '../../../shared/view/store.ts'

/** The same store, which reads otherwise. */
export const withRead = (store: Store, read: Store['read']): Store => ({
  namespace: store.namespace,
  read,
  apply: (changes, options) => store.apply(changes, options),
  diff: changes => store.diff(changes),
  ...(store.cluster && { cluster: store.cluster }),
  ...(store.history && { history: store.history }),
  ...(store.runs && { runs: store.runs }),
  ...(store.jobs && { jobs: store.jobs }),
  ...(store.readOwner && { readOwner: ref => store.readOwner!(ref) }),
  ...(store.writtenAs && { writtenAs: ref => store.writtenAs!(ref) }),
  ...(store.checkPatches && { checkPatches: (...asked) => store.checkPatches!(...asked) }),
  ...(store.builtChanges && { builtChanges: changes => store.builtChanges!(changes) }),
  ...(store.request && { request: asked => store.request!(asked) }),
  close: () => store.close(),
})

/** The same store, which reads what it has read already no second time: for several dry runs at one moment. */
export function readingOnce(store: Store): Store {
  const known: { readonly scope: Scope; readonly reading: Promise<Reading> }[] = []
  return withRead(store, scope => {
    const found = known.find(one => covers(one.scope, scope))
    if (found !== undefined) return found.reading
    const reading = store.read(scope)
    known.push({ scope, reading })
    return reading
  })
}

/** Whether what one scope reads has all that another one asks for. */
function covers({ also = [], ...one }: Scope, { also: asked = [], ...other }: Scope): boolean {
  return asked.every(kind => also.includes(kind)) && JSON.stringify(one) === JSON.stringify(other)
}
