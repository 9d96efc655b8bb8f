/** What ships, and what is made around it: tests, the site, development packages. */
module.exports.outerRules = [
  {
    name: 'production-imports-no-test',
    severity: 'error',
    comment: 'What ships must work without the tests.',
    from: { path: '^(shared|plugin|webhook)/' },
    to: { path: '^test/' },
  },
  {
    name: 'nothing-needs-the-site',
    comment: 'The site is made of everything else, so that it can be left out or replaced.',
    severity: 'error',
    from: { pathNot: '^(site|test/site)/' },
    to: { path: '^site/' },
  },
  {
    name: 'no-development-packages',
    severity: 'error',
    comment: 'What ships must work without the development packages.',
    from: { path: '^(shared|plugin|webhook)/' },
    to: { dependencyTypes: ['npm-dev'] },
  },
]
