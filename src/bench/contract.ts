export { type EvaluationAnswer, evaluationAnswer } from './evaluate/contract.ts'
export {
  type Evaluation,
  evaluationList,
  evaluationSchema,
  type NewEvaluation,
  newEvaluation,
  sampleList,
} from './evaluation/contract.ts'
