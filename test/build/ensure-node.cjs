// Every npm script runs this first. Any Node must be able to parse it, so it is written for old ones.
var have = process.versions.node.split('.').map(Number)
if (have[0] < 22 || (have[0] === 22 && have[1] < 19)) {
  console.error(
    'error: this repository needs Node 22.19 or newer, and '
      + process.execPath
      + ' is '
      + process.version
      + ': run npm ci, which brings one along, or install one from https://nodejs.org',
  )
  process.exit(1)
}
