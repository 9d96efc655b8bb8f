/** Who may import whom inside the plugin; a part of .dependency-cruiser.cjs. */
const pluginRules = [
  {
    name: 'print-knows-values-only',
    severity: 'error',
    comment: 'Turning values to text must not depend on which command asked, or on how it got them.',
    from: { path: '^plugin/print/' },
    to: { path: '^plugin/', pathNot: '^plugin/print/' },
  },
  {
    name: 'edits-know-no-terminal',
    severity: 'error',
    comment:
      'An edit and what it reads are values to a terminal, a script and a test alike: they know no flag, session or text.',
    from: { path: '^plugin/(edit|read)/' },
    to: { path: '^plugin/', pathNot: '^plugin/(edit|read|words)/' },
  },
  {
    name: 'reading-knows-no-edit',
    severity: 'error',
    comment: 'A command that only shows must not load what plans and judges.',
    from: { path: '^plugin/read/' },
    to: { path: '^plugin/edit/' },
  },
  {
    name: 'words-stand-alone',
    severity: 'error',
    comment: 'What a word means does not depend on the command, the session or the flag that it came with.',
    from: { path: '^plugin/words/' },
    to: { path: '^plugin/', pathNot: '^plugin/words/' },
  },
  {
    name: 'flags-know-words-only',
    severity: 'error',
    comment: 'Every verb declares its flags with these, so they know no verb.',
    from: { path: '^plugin/flags/' },
    to: { path: '^plugin/', pathNot: '^plugin/(flags|words)/' },
  },
  {
    name: 'commands-know-no-program',
    severity: 'error',
    comment:
      'The program lists the commands; a command that knew the program could not be tested without it.',
    from: { path: '^plugin/', pathNot: '^plugin/(main|cli)\\.ts$|^plugin/complete/' },
    to: { path: '^plugin/((main|cli)\\.ts$|complete/)' },
  },
  {
    name: 'only-main-names-process',
    severity: 'error',
    comment: 'The world comes in through main.ts as an argument, so that tests hand in another one.',
    from: { path: '^(plugin|shared)/', pathNot: '^plugin/main\\.ts$' },
    to: { path: '^(node:)?process$' },
  },
  {
    name: 'runs-know-no-terminal',
    severity: 'error',
    comment:
      'A run is carried out in the same way for a terminal, a pipeline and a Job: it tells news, and knows no flag, session or text.',
    from: { path: '^plugin/run/' },
    to: { path: '^plugin/', pathNot: '^plugin/(run|edit|read|words|metrics)/' },
  },
  {
    name: 'runs-are-lazy',
    severity: 'error',
    comment: 'What carries a run out loads the edits, so only the command that begins one loads it.',
    from: {
      path: '^plugin/',
      pathNot:
        '^plugin/(run/|commands/run/(start-run|held-run|checked-run|simulate-run|metric-sources|job/print-job)\\.ts$)',
    },
    to: {
      path: '^plugin/(run/|commands/run/(start-run|held-run|checked-run|simulate-run|metric-sources|job/print-job)\\.ts$)',
      dependencyTypesNot: ['dynamic-import', 'type-only'],
    },
  },
  {
    name: 'edits-are-lazy',
    severity: 'error',
    comment: 'Help, completion and status must not wait for the rules and plans that only an edit needs.',
    from: { path: '^plugin/', pathNot: '^plugin/(edit/|run/|commands/run-edit\\.ts$)' },
    to: {
      path: '^plugin/(edit/|commands/run-edit\\.ts$)',
      dependencyTypesNot: ['dynamic-import', 'type-only'],
    },
  },
]

module.exports = { pluginRules }
