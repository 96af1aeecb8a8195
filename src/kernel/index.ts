export { allProblems, catalogue, Problem, type ProblemParams, type ProblemRow, type Words } from './errors/problem.ts'
