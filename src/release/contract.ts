export { type Approval, approvalSchema, newApproval } from './approval/contract.ts'
export { type Check, checkSchema, type Gate, gateSchema } from './gate/contract.ts'
export { newPolicy, type Policy, policyPage, type PolicyRules, policyRules, policySchema } from './policy/contract.ts'
export {
  advanceWish,
  liveList,
  type Move,
  moveSchema,
  newRelease,
  type Release,
  releasePage,
  releaseSchema,
  withdrawWish,
} from './release/contract.ts'
export { releaseMoves, stages } from './release/domain.ts'
