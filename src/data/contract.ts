export {
  type Manifest,
  manifestSchema,
  missingList,
  missingWish,
  newSnapshot,
  type Snapshot,
  snapshotPage,
  snapshotSchema,
  storedList,
} from './snapshot/contract.ts'
