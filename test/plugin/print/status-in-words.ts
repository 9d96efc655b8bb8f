/** `everyone → v1  90.0 %  ███░`; what comes behind the bar stays. */
const share = /^(.*→ | {6,})(\S.*?) +(\d+(?:\.\d+)?) %(?: {2}[█░▒]+)?(.*)$/

/**
 * The text of `status` with each row of shares on one line and without bars, `everyone → v1 90 %, v2 10 %`, for tests
 * of what it says and not of how it looks.
 */
export function statusInWords(stdout: string): string {
  const lines: string[] = []
  for (const line of stdout.split('\n')) {
    const [, head = '', version = '', percent = '', rest = ''] = share.exec(line) ?? []
    const said = `${version} ${Number(percent)} %${rest}`
    if (version === '') lines.push(line.replaceAll(/(\d)\.0 %/g, '$1 %'))
    else if (head.trim() === '') lines.push(`${lines.pop()!}, ${said}`)
    else lines.push(head + said)
  }
  return lines.join('\n')
}
