// Which imports are allowed. The table is the design's; `tools/boundaries.test.ts` plants forbidden ones and expects errors.

/** An import points left or down, never right or up. */
const mayImport = {
  kernel: [],
  statistics: [],
  data: ['kernel', 'statistics'],
  compute: ['kernel', 'data'],
  models: ['kernel', 'data', 'compute'],
  bench: ['kernel', 'data', 'compute', 'models', 'statistics'],
  release: ['kernel', 'data', 'compute', 'models', 'bench', 'statistics'],
  apps: ['kernel', 'data', 'release', 'statistics'],
}

// Conformance suites and servers under load are test code as well.
const tests = '(\\.(test|perf)\\.ts|/(testing|conformance|perf|test-server)[^/]*\\.ts)$'
const error = 'error'

// Node's own modules are named as they are, packages by where they lie; the rest is what a noun keeps on the server.
const server = ['^[a-z][a-z_/]*$', '(^|/)node_modules/', '/(store|routes|jobs|problems)\\.ts$']
const zod = '(^|/)node_modules/zod/'

/** One rule a room: it reaches itself and the rooms of its row. */
const directions = Object.entries(mayImport).map(([room, allowed]) => ({
  name: `${room}-may-import`,
  comment: `${room} may import ${allowed.join(', ') || 'nothing of ours'}`,
  severity: error,
  // A test may stand on any room before it.
  from: { path: `^src/${room}/`, pathNot: tests },
  to: { path: '^(src|console|e2e)/', pathNot: [room, ...allowed].map((one) => `^src/${one}/`) },
}))

module.exports = {
  forbidden: [
    ...directions,
    {
      name: 'public-face',
      comment: 'another room is entered at its index.ts or contract.ts, or at offline.ts for what needs no base',
      severity: error,
      from: { path: '^src/([^/]+)/', pathNot: tests },
      to: { path: '^src/[^/]+/', pathNot: ['^src/$1/', '^src/[^/]+/(index|contract|offline)\\.ts$'] },
    },
    {
      name: 'public-face-composer',
      comment: 'what composes the rooms enters them at their index.ts',
      severity: error,
      from: { path: '^src/[^/]+\\.ts$', pathNot: tests },
      to: { path: '^src/[^/]+/', pathNot: ['^src/[^/]+/index\\.ts$', '^src/demo/'] },
    },
    {
      name: 'tests-use-face-or-testing',
      comment: 'a test enters another room at its index.ts, contract.ts or testing.ts',
      severity: error,
      from: { path: `^src/([^/]+)/.*${tests}` },
      to: {
        path: '^src/[^/]+/',
        pathNot: ['^src/$1/', '^src/[^/]+/(index|contract|offline|testing)\\.ts$', '^src/[^/]+/.*/testing\\.ts$'],
      },
    },
    {
      name: 'testing-is-for-tests',
      comment: 'builders and fakes are imported by tests alone',
      severity: error,
      from: { path: '^src/', pathNot: tests },
      to: { path: '^src/.*/(testing[^/]*|test-server)\\.ts$' },
    },
    {
      name: 'contract-only',
      comment: 'the console knows the shapes on the wire and nothing else of the server',
      severity: error,
      from: { path: '^console/' },
      to: { path: '^src/', pathNot: '^src/[^/]+/contract\\.ts$' },
    },
    {
      name: 'contract-imports-contracts',
      comment: 'a contract is made of zod, other contracts, and shapes and rules of its own room',
      severity: error,
      from: { path: '^src/([^/]+)/.*contract\\.ts$' },
      to: { pathNot: ['^src/$1/', '^src/[^/]+/contract\\.ts$', '^src/statistics/index\\.ts$', zod] },
    },
    {
      name: 'contract-is-for-browsers',
      comment: 'the console loads contracts: however far their imports go, they reach no server code',
      severity: error,
      from: { path: '^src/.*/contract\\.ts$' },
      to: { reachable: true, path: server, pathNot: zod },
    },
    {
      name: 'domain-is-pure',
      comment: 'states, rules and formulas, of its own room and statistics',
      severity: error,
      from: { path: '^src/([^/]+)/.*domain\\.ts$' },
      to: { pathNot: ['^src/$1/', '^src/statistics/', '^src/[^/]+/contract\\.ts$'] },
    },
    {
      name: 'domain-reaches-nothing',
      comment:
        'however far its imports go, a domain reaches no package and no input or output; the shapes it is given are in contracts',
      severity: error,
      from: { path: '^src/.*/domain\\.ts$' },
      to: { reachable: true, path: server, pathNot: zod },
    },
    {
      name: 'statistics-is-pure',
      comment: 'a leaf without clock, input, output or packages',
      severity: error,
      from: { path: '^src/statistics/', pathNot: [tests, '^src/statistics/oracles/'] },
      to: { pathNot: ['^src/statistics/'] },
    },
    {
      name: 'no-cycle',
      comment: 'two files that need each other are one file, or three',
      severity: error,
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      comment: 'an import leads somewhere',
      severity: error,
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    // Without swc nothing here reads TypeScript (the compiler in use has no programming interface), and every rule passes.
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)fixtures/' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.cjs', '.json'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
}
