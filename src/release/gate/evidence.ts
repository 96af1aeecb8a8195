import { lineageOf, walkBack } from '../../kernel/index.ts'
import type { EvidenceRule } from '../policy/contract.ts'
import type { Check } from './contract.ts'
import { isAbout, saidAs, type Verified, voidEvaluations } from './statements.ts'
import { both, kindWords } from './words.ts'

/** Judges whether the signed statements that a policy asks for are there. */
export function judgeEvidence(
  rule: EvidenceRule,
  release: { readonly id: string; readonly weightsDigest: string },
  all: readonly Verified[],
  id: string,
): Check {
  const found = candidates(rule, release, all)
    .filter((one) => rule.from === undefined || one.signers.some((signer) => signer.party === rule.from))
    .filter((one) => !(rule.notSynthetic && one.statement.predicate.synthetic))
  const { en, zh } = kindWords[rule.kind]
  const from =
    rule.from === undefined ? { en: '', zh: '' } : { en: ` signed by ${rule.from}`, zh: `，由 ${rule.from} 签名` }
  const real = rule.notSynthetic ? { en: ', not synthetic', zh: '，非合成数据' } : { en: '', zh: '' }
  return {
    id,
    title: both(`Evidence: ${en}`, `证据：${zh}`),
    required: both(`${rule.atLeast} × ${en}${from.en}${real.en}`, `${zh} ${rule.atLeast} 份${from.zh}${real.zh}`),
    observed: both(`${found.length} found`, `找到 ${found.length} 份`),
    outcome: found.length >= rule.atLeast ? 'pass' : 'fail',
    evidence: found.map((one) => one.digest),
  }
}

function candidates(
  rule: EvidenceRule,
  release: { readonly id: string; readonly weightsDigest: string },
  all: readonly Verified[],
): readonly Verified[] {
  const ofKind = all.filter((one) => one.kind === rule.kind)
  switch (rule.kind) {
    case 'training':
      return ofKind.filter((one) => isAbout(one, release.weightsDigest))
    case 'evaluation': {
      const voided = voidEvaluations(all)
      const isVoid = (one: Verified) => voided.has(saidAs(one, 'evaluation')?.evaluationId ?? '')
      return ofKind.filter((one) => isAbout(one, release.weightsDigest) && !isVoid(one))
    }
    case 'decision':
      return ofKind.filter((one) => saidAs(one, 'decision')?.releaseId === release.id)
    case 'snapshot':
    case 'evaluation-plan': {
      const behind = new Set(walkBack(lineageOf(all), release.weightsDigest).statements)
      return ofKind.filter((one) => behind.has(one.digest))
    }
  }
}
