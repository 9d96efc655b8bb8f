import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import type { ErrorCode } from '../../shared/objects/canary-error.ts'

/** An error that the plugin can print: its text, with … where names and numbers come, and what it says to do. */
export interface ShownError {
  readonly code: ErrorCode
  readonly message: string
  readonly hints: readonly string[]
}

/** Every error of the code that has a text of its own, in the order of the alphabet. */
export function readErrors(root: string): readonly ShownError[] {
  const errors = globSync('{plugin,shared}/**/*.ts', { cwd: root }).flatMap(file => {
    const text = readFileSync(join(root, file), 'utf8')
    return text.includes('new CanaryError(')
      ? errorsIn(ts.createSourceFile(file, text, ts.ScriptTarget.Latest))
      : []
  })
  const unique = new Map(errors.map(error => [`${error.code} ${error.message}`, error]))
  return [...unique.values()].toSorted((a, b) => a.message.localeCompare(b.message, 'en'))
}

function errorsIn(file: ts.SourceFile): readonly ShownError[] {
  const found: ShownError[] = []
  const visit = (node: ts.Node): void => {
    if (
      ts.isNewExpression(node)
      && ts.isIdentifier(node.expression)
      && node.expression.text === 'CanaryError'
    )
      found.push(...errorOf(node))
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

function errorOf({
  arguments: words = [],
}: {
  readonly arguments?: readonly ts.Expression[] | undefined
}): readonly ShownError[] {
  const [code, message, options] = words
  if (code === undefined || !ts.isStringLiteral(code) || message === undefined) return []
  const text = textOf(message)
  return /\p{L}{3}/u.test(text)
    ? [{ code: code.text as ErrorCode, message: text, hints: hintsOf(options) }]
    : []
}

/** The hints that are written where the error is; those that come from elsewhere are left out. */
function hintsOf(options: ts.Expression | undefined): readonly string[] {
  if (options === undefined || !ts.isObjectLiteralExpression(options)) return []
  const hints = options.properties
    .filter(ts.isPropertyAssignment)
    .find(({ name }) => ts.isIdentifier(name) && name.text === 'hints')?.initializer
  return hints === undefined || !ts.isArrayLiteralExpression(hints)
    ? []
    : hints.elements.map(textOf).filter(text => /\p{L}{3}/u.test(text))
}

/** A literal as people read it: `no Service … in namespace …`. */
function textOf(expression: ts.Expression): string {
  if (ts.isStringLiteralLike(expression)) return expression.text
  if (ts.isTemplateExpression(expression))
    return [expression.head.text, ...expression.templateSpans.map(({ literal }) => `…${literal.text}`)]
      .join('')
      .replaceAll(/…[…\s]*…/g, '…')
  return '…'
}
