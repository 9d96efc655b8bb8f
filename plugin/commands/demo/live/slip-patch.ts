import { fieldsOf, itemsOf } from '../../../../shared/objects/unchecked.ts'
import type { KubeObject } from '../../../../shared/objects/kube-object.ts'

/** The JSON patch (RFC 6902) that sets each weight of a VirtualService that is `from` to another number; empty where none is. */
export const slipPatch = (
  object: KubeObject,
  { from, to }: { readonly from: number; readonly to: number },
): readonly object[] =>
  itemsOf(fieldsOf(Reflect.get(object, 'spec'))['http']).flatMap((rule, i) =>
    itemsOf(fieldsOf(rule)['route']).flatMap((destination, j) =>
      fieldsOf(destination)['weight'] === from
        ? [{ op: 'replace', path: `/spec/http/${i}/route/${j}/weight`, value: to }]
        : [],
    ),
  )
