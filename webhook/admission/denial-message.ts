import { keyOf } from '../../shared/objects/kube-object.ts'
import { formatPath, type Finding } from '../../shared/rules/rule.ts'
import { firstPlaces } from '../../shared/objects/first-places.ts'
import { bytesOf, cutBytes, plainLine, plainLines } from './plain-text.ts'

/**
 * What fits into a denial: 4 KB with what the API server puts before it. Longer ones burden every log that
 * they pass through.
 */
export const mostMessageBytes = 4096 - 128

/** Room for one finding, so that an endless host name cannot crowd out the rest. */
const mostFindingBytes = 1500

/**
 * What kubectl prints of a denial: for every finding the rule, the object and path, what is wrong and how to
 * mend it. At most 4 KB.
 */
export function denialMessage(findings: readonly Finding[]): string {
  const places = firstPlaces(findings.map(({ fix }) => fix))
  const blocks = findings.map((finding, i) => {
    const isSaid = finding.fix.includes('\n') && places.get(finding.fix)! < i
    return cutBytes(blockOf(isSaid ? { ...finding, fix: 'As above.' } : finding), mostFindingBytes)
  })
  const head =
    findings.length === 1
      ? 'this would break canary routing'
      : `this would break canary routing in ${findings.length} ways`
  const room = mostMessageBytes - bytesOf(head) - bytesOf(moreOf(blocks.length))
  let used = 0
  const over = blocks.findIndex(block => (used += bytesOf(block) + 1) > room)
  const shown = over < 0 ? blocks : blocks.slice(0, over)
  return [
    head,
    ...shown,
    ...(shown.length < blocks.length ? [moreOf(blocks.length - shown.length)] : []),
  ].join('\n')
}

function blockOf({ rule, ref, path, message, fix }: Finding): string {
  const place = path.length === 0 ? '' : ` at ${formatPath(path)}`
  const [first = '', ...rest] = plainLines(fix)
  return [
    `[${rule}] ${plainLine(`${keyOf(ref)}${place}`)}`,
    ...plainLines(message).map(line => `  ${line}`),
    ...(first === '' ? [] : [`  To mend it: ${first}`]),
    ...rest.map(line => `    ${line}`),
  ].join('\n')
}

const moreOf = (count: number): string => `and ${count} more; see: kubectl canary lint`
