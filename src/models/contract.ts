export { ecgAnswer, type EcgAnswer, ecgRequest, type EcgRequest } from './ecg/contract.ts'
export { deploymentPage, newDeployment, servedDeployment, type ServedDeployment } from './serving/contract.ts'
export { modelCard, type ModelCard } from './version/card.ts'
export {
  aliasHistory,
  type AliasMove,
  aliasMoveSchema,
  type Model,
  modelPage,
  modelSchema,
  newAliasMove,
  newVersion,
  type Version,
  versionDetail,
  type VersionDetail,
  versionPage,
  versionSchema,
} from './version/contract.ts'
