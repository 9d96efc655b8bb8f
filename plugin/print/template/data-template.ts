import { CanaryError } from '../../../shared/objects/canary-error.ts'

/** What a person wrote in `-o` to choose parts of the data, in kubectl's forms. */
export type DataTemplate = `jsonpath=${string}` | `jsonpath-as-json=${string}` | `custom-columns=${string}`

/** Whether an `-o` is a template; throws `usage` for those of kubectl that are not supported. */
export function isDataTemplate(output: string): output is DataTemplate {
  if (/^(go-template|template)(-?file)?(=|$)/.test(output))
    throw new CanaryError('usage', 'Go templates are not supported', {
      hints: ['Use -o jsonpath=…, or pipe the data into another program: -o json | jq …'],
    })
  if (/^(jsonpath|custom-columns)-file(=|$)/.test(output))
    throw new CanaryError('usage', `-o ${output.split('=')[0]} is not supported`, {
      hints: [`Give the text itself: -o ${output.split('-file')[0]}="$(cat FILE)"`],
    })
  return /^(jsonpath|jsonpath-as-json|custom-columns)=./s.test(output)
}
