export { type Action, actions, may, type Role, roles } from './access/domain.ts'
export { type Deed, recordDeed } from './audit/store.ts'
export {
  type Kernel,
  kernelHttp,
  kernelMigrations,
  openKernel,
  type Room,
  type RunningBase,
  startBase,
} from './base.ts'
export { type Config, configKeys, configSchema } from './config/schema.ts'
export { loadConfig, nearest, type Origin } from './config/load.ts'
export { type Actor, type Capability, capability, type ProjectSeen, stranger } from './database/actor.ts'
export { brokenConstraint, type Database, openDatabase, sqlState, type Tx } from './database/database.ts'
export { type InstanceLock, lockDataFolder } from './database/server/instance-lock.ts'
export { type DatabaseServer, startServer } from './database/server/server.ts'
export { type MigrationFolder, migrate } from './database/migrate.ts'
export { allProblems, catalogue, Problem, type ProblemParams, type ProblemRow, type Words } from './errors/problem.ts'
export { type NewEvent, recordEvent } from './events/store.ts'
export { type Dossier, makeDossier, writeBundle } from './evidence/bundle/bundle.ts'
export { type EvidenceReport, verifyEvidence } from './evidence/bundle/verify.ts'
export { lineageOf, missingLinks, walkBack } from './evidence/lineage/lineage.ts'
export { canonicalBytes, canonicalJson } from './evidence/canonical-json.ts'
export { type Envelope, envelopeSchema } from './evidence/dsse.ts'
export { type KeyRing, keyRing, readKeyRing, type SigningKey, type TrustedKey } from './evidence/keys.ts'
export { gitPaths } from './evidence/model-signing/manifest.ts'
export { generateModelKey, openModelBundle, signModelFiles } from './evidence/model-signing/model-signing.ts'
export { type Kind, type Material, type Predicate } from './evidence/predicates.ts'
export {
  makeStatement,
  openStatement,
  sha256Of,
  signStatement,
  statementDigest,
  type Subject,
} from './evidence/statement.ts'
export { keep, state, statements, type StoredStatement, trustedKeys } from './evidence/store.ts'
export { checkAccess, enterAs } from './http/door.ts'
export { type Access, type Call, type Mount, type Person, type Route, route } from './http/route.ts'
export { problem as httpProblem } from './http/problems.ts'
export { done, isDone, projectParams } from './identity/contract.ts'
export { type ObjectStore } from './objects/store.ts'
export {
  addMember,
  addOrganisation,
  addPerson,
  addProject,
  issueLink,
  type OrganisationKind,
} from './identity/store.ts'
export { openLog } from './observe/log.ts'
export { type ObjectOwner, referObjects } from './objects/references.ts'
export { openStorage } from './objects/storage.ts'
export { type EnqueueOptions, enqueue } from './queue/store.ts'
export { startQueue, type Work, type WorkContext, type WorkTable } from './queue/worker.ts'
