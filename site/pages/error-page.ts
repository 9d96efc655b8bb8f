import { exitCodes } from '../../plugin/exit-codes.ts'
import type { ErrorCode } from '../../shared/objects/canary-error.ts'
import { catalogue } from '../../shared/rules/catalogue.ts'
import { describedForLint } from '../../shared/rules/described.ts'
import { denialMessage } from '../../webhook/admission/denial-message.ts'
import { failureAnswer } from '../../webhook/admission/response.ts'
import { readErrors, type ShownError } from './error-messages.ts'
import { cell, type SitePage } from './site-page.ts'

/** What an error code means, and what a person does about it. */
const codes: Readonly<Record<ErrorCode, { readonly means: string; readonly remedy: string }>> = {
  usage: {
    means: 'The words of the command do not fit together.',
    remedy:
      'Correct the command; `kubectl canary COMMAND --help` has its words and flags. Nothing was read or written.',
  },
  ambiguous: {
    means: 'The command fits several Services, versions or routes.',
    remedy: 'Run one of the commands that the error lists. Nothing was written.',
  },
  refused: {
    means: 'A rule would be broken, or another program owns an object that the command would write.',
    remedy:
      'Follow the fix that is printed with the finding, or change the object where its owner keeps '
      + 'it. Nothing was written. `--force` is offered where it helps.',
  },
  'not-found': {
    means: 'A Service, version, cohort, file or revision of this name does not exist.',
    remedy: 'Check the name and the namespace (`-n`): the error lists what exists.',
  },
  unreadable: {
    means: 'A file, a document or an object cannot be read as the cluster would read it.',
    remedy: 'Correct it at the place that is named. Save text in another encoding as UTF-8.',
  },
  unwritable: {
    means: 'A file cannot be written.',
    remedy:
      'Check the rights of the file and of its folder. Files that the error does not name are unchanged.',
  },
  unreachable: {
    means: 'No API server or Prometheus answers at the address.',
    remedy:
      'Check the context (`kubectl config current-context`), the network and the proxy. `-v 6` prints each request.',
  },
  unauthorized: {
    means: 'The server does not accept your credentials.',
    remedy: 'Log in again. The kubeconfig and its credential plugin are the ones that kubectl uses.',
  },
  forbidden: {
    means: 'You do not have the right that the command needs.',
    remedy:
      'Ask for the verb and the kind that the error names. Nothing was written, or what was written is undone.',
  },
  conflict: {
    means: 'Somebody else changed the object at the same time, again and again, or a run is in progress.',
    remedy: 'Run the command again, or wait for what changes the object. The error says what is in progress.',
  },
  rejected: {
    means: 'The API server, or an admission webhook, refused the object.',
    remedy: 'The error has the reason of the server. What had been written before is undone.',
  },
  timeout: {
    means: 'It took longer than allowed.',
    remedy: 'The error says what was waited for and which flag allows more time.',
  },
  interrupted: {
    means: 'You stopped the command with Ctrl-C, or it got SIGTERM.',
    remedy: 'What had been written is undone. Run the command again when you are ready.',
  },
  'half-written': {
    means: 'Some objects are written and others are not, and what was written could not be undone.',
    remedy:
      'The error lists the exact state and the command that finishes or takes back the change. Run it first.',
  },
  failed: {
    means:
      'Something else failed: a program that was started, an answer that makes no sense, a check that did not pass.',
    remedy: 'The message says what. `-v 6` prints each request to the cluster.',
  },
}

/** Errors by their messages: those of the plugin, of the guard, and the findings of the rules. */
export function errorPage(root: string): SitePage {
  const errors = readErrors(root)
  return {
    path: 'troubleshooting',
    source: 'docs/commands.md',
    text: [
      '# Troubleshooting',
      '',
      'Every error says what is wrong, where, and what to do. This page lists them by kind; `…` '
        + 'stands for names and numbers. Search for a few words of your message.',
      '',
      '- A finding of a rule, such as `undefined-subset`: [the rules](#findings-of-the-rules).',
      '- `admission webhook "routes.canary-guard.kubectl-canary" denied the request`: [the guard](#answers-of-the-guard).',
      '- Any other `error:` of `kubectl canary`: [the plugin](#errors-of-the-plugin).',
      '',
      ...ruleLines(),
      ...guardLines(),
      '## Errors of the plugin',
      '',
      'The kind of an error decides the exit code. Hints that depend on the situation are not in this list.',
      '',
      ...Object.entries(codes).flatMap(([code]) => codeLines(code as ErrorCode, errors)),
    ].join('\n'),
  }
}

const ruleLines = (): readonly string[] => [
  '## Findings of the rules',
  '',
  'The id of the rule is in parentheses or brackets in the message. Its page has a wrong and a right example.',
  '',
  '| rule | how to fix it |',
  '|---|---|',
  ...describedForLint(catalogue).map(({ id, fix }) => `| [${id}](/rules/${id}) | ${cell(fix)} |`),
  '',
]

const to = { uid: '', apiVersion: 'admission.k8s.io/v1' }
const failed = (how: 'allow' | 'deny' | 'fail'): string => {
  const { warnings = [], status } = failureAnswer(to, '…', how).response
  return status?.message ?? warnings.join('\n')
}

const guardLines = (): readonly string[] => [
  '## Answers of the guard',
  '',
  ...[
    {
      said: denialMessage([]).replace('in 0 ways', 'in … ways'),
      means:
        'The change breaks a route. Each finding below it has the rule in brackets, the object and '
        + 'field, what is wrong and the fix. Follow the fix and apply again; the page of the rule says '
        + 'how to exempt an object.',
    },
    {
      said: failed('allow'),
      means:
        'A warning: the guard had no answer in time or could not read the object, and let the change '
        + 'pass. See its log and [what happens while it does not answer](/guide/webhook).',
    },
    {
      said: failed('deny'),
      means:
        'The same, where the configuration of the guard says `onError: deny`. Try again; its log has the reason.',
    },
    { said: failed('fail'), means: 'The same, where the webhook of routes has the failurePolicy Fail.' },
    {
      said: 'failed calling webhook "routes.canary-guard.kubectl-canary"',
      means:
        'This is the API server: it did not reach the guard. Check that its pods are ready and that '
        + 'the network lets the API server reach port 443 of its Service: `kubectl get pods -n canary-guard`.',
    },
  ].flatMap(({ said, means }) => ['```text', said, '```', '', means, '']),
]

function codeLines(code: ErrorCode, errors: readonly ShownError[]): readonly string[] {
  const { means, remedy } = codes[code]
  return [
    `### ${code}`,
    '',
    `${means} ${remedy} Exit code ${exitCodes[code]}.`,
    '',
    ...errors
      .filter(error => error.code === code)
      .flatMap(({ message, hints }) => [`- ${quoted(message)}`, ...hints.map(hint => `  - ${quoted(hint)}`)]),
    '',
  ]
}

/** Text as code, so that no sign of it is taken as Markdown. */
const quoted = (text: string): string => {
  const line = text.replaceAll(/\s*\n\s*/g, ' ').trim()
  return line.includes('`') ? `\`\` ${line} \`\`` : `\`${line}\``
}
