/** Where an executable starts. kubectl asks `kubectl_complete-canary` for completions: that is the same file under another name. */
import { start } from '../../../plugin/main.ts'

const isComplete = /(?:^|[/\\])kubectl_complete-canary(?:\.exe)?$/i.test(process.argv0)
await start(isComplete ? 'complete' : 'command')
