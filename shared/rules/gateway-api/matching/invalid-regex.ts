import { fieldsOf, itemsOf, textOf } from '../../../objects/unchecked.ts'
import { rulesOf } from '../../../providers/gateway-api/resolve/routes.ts'
import { eachRoute } from '../../facts/each-route.ts'
import type { Path } from '../../rule.ts'

/** The specification leaves the dialect to the controller; most are RE2, as Envoy has it. */
export const invalidRegex = eachRoute({
  id: 'invalid-regex',
  severity: { webhook: 'warning', lint: 'warning' },
  summary: 'A regular expression of an HTTPRoute or GRPCRoute is one that RE2 accepts.',
  fix: 'Correct the expression: RE2 has no lookarounds and no backreferences (https://github.com/google/re2/wiki/Syntax).',
  reads: [],
  *check(_view, route, { re2Fault }) {
    if (re2Fault === undefined) return
    for (const { path, pattern } of rulesOf(route).flatMap((rule, i) =>
      patternsIn(rule, ['spec', 'rules', i]),
    )) {
      const fault = re2Fault(pattern)
      if (fault !== undefined)
        yield { path, message: `is not a regular expression of RE2: ${fault}`, about: `regex ${pattern}` }
    }
  },
})

interface Pattern {
  readonly path: Path
  readonly pattern: string
}

const patternsIn = ({ matches }: { readonly matches?: unknown }, path: Path): readonly Pattern[] =>
  itemsOf(matches).flatMap((match, j) => {
    const at = [...path, 'matches', j]
    const { path: ofPath, method, headers, queryParams } = fieldsOf(match)
    return [
      ...patternOf(ofPath, ['value'], [...at, 'path']),
      ...patternOf(method, ['service', 'method'], [...at, 'method']),
      ...itemsOf(headers).flatMap((header, k) => patternOf(header, ['value'], [...at, 'headers', k])),
      ...itemsOf(queryParams).flatMap((param, k) => patternOf(param, ['value'], [...at, 'queryParams', k])),
    ]
  })

const patternOf = (value: unknown, keys: readonly string[], path: Path): readonly Pattern[] =>
  fieldsOf(value)['type'] === 'RegularExpression'
    ? keys.flatMap(key => {
        const pattern = textOf(fieldsOf(value)[key])
        return pattern === undefined ? [] : [{ path: [...path, key], pattern }]
      })
    : []
