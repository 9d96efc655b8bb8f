import { describedChecks } from '../../../shared/readiness/described.ts'
import { namespaceChecks, serviceChecks } from '../../../shared/readiness/checks.ts'
import { forwardsAnnotation } from '../../../shared/readiness/routes/header-forwarding.ts'

const introduction = `# Is it ready for a canary?

Generated from the code by \`npm run docs\`; do not edit.

\`\`\`sh
kubectl canary doctor catalog            # one service: a line for each check
kubectl canary doctor -n shop            # the namespace, and each of its services
kubectl canary doctor -A -o markdown     # a report on the whole cluster
kubectl canary doctor -f k8s/            # the same on manifests, without a cluster
\`\`\`

Each check ends in one of four states. A check that does not pass has its fix below it: on a cluster a command to run as it is printed, on files the
field and the value to write.

| state | meaning |
|---|---|
| \`pass\` | in order |
| \`warn\` | the service works, and a canary of it may not do what you expect |
| \`fail\` | something breaks: the exit code is 3 |
| \`?\` | cannot tell: the sentence says what is missing, such as the right to list a kind |

Of a Service that pods alone, ApisixRoutes or API7 Cloud share, nothing is asked that only a mesh needs: \`pod-labels\` is then that its versions are told apart.

On files, \`capacity\` is not checked, because files do not say which pods are ready, and an object that is missing may be elsewhere. Where files define
an object several times, as those of several environments do, each folder or file is judged by itself (\`places\` in the data), and a fault that comes from
mixing them does not count. For routes, the checks report what [lint](lint.md) finds by [its rules](rules.md); exemptions count here as well.

\`-o json\` (and \`yaml\`, \`jsonpath=…\`, \`custom-columns=…\`) is described by [doctor-output.schema.json](doctor-output.schema.json); \`-o markdown\` is for a
pull request or a wiki, \`-o sarif\` for a code scanner.

## Headers that callers forward

A cohort inside the mesh depends on a header that each application on the way passes on. Nobody can see from outside whether it does. Once you know,
declare it on the Service (or the workload) of the caller:

\`\`\`sh
kubectl annotate service webapp -n shop ${forwardsAnnotation}=x-istio-cohort
\`\`\`

Separate several headers with commas. The check \`header-forwarding\` then passes.

## Checks
`

/** The page about every check of \`doctor\`. */
export function doctorText(): string {
  const checks = describedChecks()
  return [
    introduction,
    '| check | of | worst state | what must hold |',
    '|---|---|---|---|',
    ...checks.map(
      ({ id, summary }) => `| [${id}](#${id}) | ${subjectsOf(id)} | ${worstOf(id)} | ${cell(summary)} |`,
    ),
    '',
    ...checks.flatMap(({ id, summary, fix, reads }) => [
      `## ${id}`,
      '',
      summary,
      '',
      `- needs: ${reads.length === 0 ? 'nothing' : [...new Set(reads)].join(', ')}`,
      `- fix: ${fix}`,
      '',
    ]),
  ].join('\n')
}

const subjectsOf = (id: string): string =>
  [
    ...(namespaceChecks.some(check => check.id === id) ? ['namespace'] : []),
    ...(serviceChecks.some(check => check.id === id) ? ['service'] : []),
  ].join(', ')

const worstOf = (id: string): string =>
  [...serviceChecks, ...namespaceChecks].find(check => check.id === id)?.states.at(-1) ?? '?'

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
