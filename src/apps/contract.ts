export {
  beatClass,
  beatClasses,
  beatEdit,
  type EcgSummary,
  ecgCorrections,
  ecgSummary,
  type SignalWindow,
  signalWindow,
} from './ecg-interpretation/contract.ts'
export {
  type Case,
  caseOpened,
  casePage,
  caseSchema,
  type Decision,
  type Dictionary,
  dictionarySchema,
  type Finding,
  type FindingVerdict,
  findingSchema,
  type ListedCase,
} from './kit/case/contract.ts'
export { caseMoves, caseStates, severities, verdicts } from './kit/case/domain.ts'
