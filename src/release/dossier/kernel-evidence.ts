// What the kernel's door does not hand out yet; this file is the only one that reaches behind it.
export { type Dossier, makeDossier } from '../../kernel/evidence/bundle/bundle.ts'
export { type EvidenceReport, verifyEvidence } from '../../kernel/evidence/bundle/verify.ts'
export { lineageOf, missingLinks, walkBack } from '../../kernel/evidence/lineage/lineage.ts'
