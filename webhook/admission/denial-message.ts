import { invalidExemption } from '../../shared/rules/exemptions.ts'
import { formatPath } from '../../shared/rules/rule.ts'
import { firstPlaces } from '../../shared/objects/text/first-places.ts'
import { objectTold, type ToldFinding } from '../review/tell/told-finding.ts'
import { bytesOf, cutBytes, plainLine, plainLines } from './plain-text.ts'

/** 4 KB with what the API server puts before it; a longer message burdens every log that it passes through. */
export const mostMessageBytes = 4096 - 128

/** The most for one finding, so that an endless host name leaves space for the others. */
const mostFindingBytes = 1500

/**
 * The message that kubectl prints of a denial: for every finding the rule, the object and path, what is wrong
 * and the fix. At most 4 KB.
 */
export function denialMessage(findings: readonly ToldFinding[]): string {
  const first = firstPlaces(findings.map(({ fix }) => fix))
  const blocks = findings.map((finding, i) => {
    const isRepeated = finding.fix.includes('\n') && first.get(finding.fix)! < i
    return cutBytes(blockOf(isRepeated ? { ...finding, fix: 'As above.' } : finding), mostFindingBytes)
  })
  const head = headOf(findings)
  const available = mostMessageBytes - bytesOf(head) - bytesOf(moreOf(blocks.length))
  let used = 0
  const over = blocks.findIndex(block => (used += bytesOf(block) + 1) > available)
  const shown = over < 0 ? blocks : blocks.slice(0, over)
  return [
    head,
    ...shown,
    ...(shown.length < blocks.length ? [moreOf(blocks.length - shown.length)] : []),
  ].join('\n')
}

function headOf(findings: readonly ToldFinding[]): string {
  if (findings.length > 0 && findings.every(({ rule }) => rule === invalidExemption))
    return 'this exemption is not allowed'
  return findings.length === 1
    ? 'this would break canary routing'
    : `this would break canary routing in ${findings.length} ways`
}

function blockOf(finding: ToldFinding): string {
  const { rule, path, message, fix } = finding
  const place = path.length === 0 ? '' : ` at ${formatPath(path)}`
  const [first = '', ...rest] = plainLines(fix)
  return [
    `[${rule}] ${plainLine(`${objectTold(finding)}${place}`)}`,
    `  ${plainLine(message)}`,
    ...(first === '' ? [] : [`  Fix: ${first}`]),
    ...rest.map(line => `    ${line}`),
  ].join('\n')
}

const moreOf = (count: number): string => `and ${count} more; see: kubectl canary lint`
