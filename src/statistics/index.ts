export {
  accuracyOf,
  balancedAccuracyOf,
  type Confusion,
  confusion,
  countAt,
  f1MacroOf,
  f1MicroOf,
  f1WeightedOf,
  kappaOf,
  type KappaWeights,
  type Labelled,
  type LabelScore,
  labelScores,
  labelsOf,
  mccOf,
} from './classification/confusion.ts'
export {
  accuracy,
  balancedAccuracy,
  confusionMetric,
  f1Macro,
  f1Micro,
  f1Weighted,
  kappa,
  kappaLinear,
  kappaQuadratic,
  mcc,
} from './classification/labels.ts'
export {
  atSensitivity,
  atSpecificity,
  atThreshold,
  auprc,
  auprcMacro,
  auroc,
  aurocMacro,
  aurocValue,
  type OperatingPoint,
  type Scored,
  type ScoredRow,
  scored,
  sensitivityAtSpecificity,
} from './classification/ranking.ts'
export {
  averageBeats,
  type BeatFigure,
  type BeatFractions,
  type BeatStatistic,
  beatFractions,
  beatScore,
  beatStatistics,
  type Excluded,
  type Fraction,
  grossBeats,
  pacedRecords,
  sumPairs,
  withoutPaced,
} from './ecg/beat-scores.ts'
export {
  type BeatAnnotation,
  type BeatPair,
  type BeatPairs,
  type BeatPeriod,
  type BeatRecord,
  type BeatsByPeriod,
  beatByBeat,
} from './ecg/beats.ts'
export {
  type BeatClass,
  type BeatClassReport,
  type BeatMap,
  beatClass,
  beatClasses,
  beatClassReport,
  type ClassifiedBeat,
  ds1,
  ds2,
  f1MacroNSVF,
  f1MacroNSVFQ,
  mitdbPatient,
} from './ecg/classes.ts'
export { type IntervalError, intervalError } from './ecg/interval-errors.ts'
export { type Gate, type GateEvidence, type GateReason, type GateVerdict, judgeGate, parseGate } from './gate.ts'
export {
  type Bootstrapped,
  type BootstrapInterval,
  type BootstrapMethod,
  type BootstrapOptions,
  bootstrap,
  bootstrapDefaults,
  type NoInterval,
} from './inference/bootstrap.ts'
export {
  benjaminiHochberg,
  bonferroni,
  type Comparison,
  holm,
  type Mcnemar,
  mcnemar,
  type RankRange,
  rankRanges,
  type SignFlip,
  type SignFlipOptions,
  signFlip,
} from './inference/comparisons.ts'
export { normalCdf, normalQuantile } from './inference/distributions.ts'
export { type Groups, groupBy, singly, type Unit } from './inference/groups.ts'
export {
  type AurocVariance,
  clopperPearson,
  type DelongComparison,
  delong,
  delongCompare,
  type Range,
  wilson,
} from './inference/intervals.ts'
export { type PairedBootstrap, pairedBootstrap } from './inference/paired-bootstrap.ts'
export { quantile, quantileOfSorted } from './inference/quantile.ts'
export { type Random, random } from './inference/random.ts'
export {
  countMetric,
  type Direction,
  definitions,
  itemMean,
  type Measured,
  meanOverParts,
  type Part,
  remembered,
  type Metric,
  meanOfDefined,
  measured,
  metric,
  ratio,
  type Sufficient,
} from './metric.ts'
export { type Calibration, calibration } from './classification/calibration.ts'
export {
  type LabelSet,
  labelsAbove,
  multilabelF1Macro,
  multilabelF1Micro,
  multilabelF1Samples,
  multilabelF1Weighted,
  subsetAccuracy,
} from './classification/multilabel.ts'
export {
  brier,
  brierMulticlass,
  eceMass,
  eceTopLabel,
  eceWidth,
  firstLargest,
  logLoss,
  logLossBinary,
  type ProbabilityRow,
} from './classification/probability.ts'
export {
  precisionAtK,
  recallAtK,
  type SetOverlap,
  setMean,
  setOverlap,
  type TermSets,
  type TripleSets,
  tripleF1,
} from './entities/sets.ts'
export { canonicalJson } from './digest/canonical-json.ts'
export { dataDigest, digestListing, type FileDigest, modelDigest, type Sha256 } from './digest/listing.ts'
export {
  chemprotLabels,
  ddiLabels,
  relationMacroF1,
  relationMicroF1,
  wordMacroF1,
} from './entities/relations.ts'
export {
  countOverlap,
  countStrict,
  countUntyped,
  type Span,
  type SpanCounts,
  type SpanReport,
  type SpanSets,
  spanF1,
  spanF1Overlap,
  spanF1Untyped,
  spanReport,
} from './entities/spans.ts'
export { characterSpans, spansOfTags, spansOfTagsStrict } from './entities/tags.ts'
export { type Box, type BoxImage, boxesAp, boxesMeanAp, boxIou, type ScoredBox } from './images/boxes.ts'
export {
  ap50,
  apMean,
  type InstanceCounts,
  type InstanceScore,
  instanceAp,
  instanceApMean,
  instanceScore,
  iouTwentieths,
  matchInstances,
  type Panoptic,
  panoptic,
  pooledInstances,
  pq,
} from './images/instances.ts'
export {
  dice,
  hd95,
  iou,
  type Mask,
  type MaskPair,
  type Overlap,
  overlap,
  type SurfaceDistance,
  surfaceDistance,
} from './images/masks.ts'
export {
  medbenchAggregate,
  passAtK,
  passAtKMean,
  passHatK,
  passHatKMean,
  type Safety,
  type SafetyItem,
  safety,
  safetyBalanced,
  type TrialCounts,
} from './judging/agents.ts'
export {
  type Criterion,
  type DoublyGraded,
  gradeScore,
  type JudgeAgreement,
  type Judged,
  type JudgeEvidence,
  type JudgeRefusal,
  judgeAgreement,
  judgeMean,
  judgeRefusals,
  type PositionBias,
  positionBias,
  type RubricScore,
  rubricScore,
  type Verdict,
} from './judging/judge.ts'
export { censoredBrier, integratedBrier, type SurvivalCurve } from './numbers/brier-score.ts'
export { averageRanks, correlation, kendallTauB, spearmanRank } from './numbers/correlation.ts'
export {
  type Agreement,
  agreementLimits,
  ccc,
  type EndpointRow,
  endpointMean,
  kendall,
  mae,
  meanError,
  medianAe,
  type NumberPair,
  pearson,
  r2,
  rmse,
  spearman,
} from './numbers/regression.ts'
export { aurocPessimistic, bedroc, bedrocMetric, efMetric, enrichment, rie } from './numbers/screening.ts'
export {
  type Concordance,
  censoringSurvival,
  cIndex,
  concordance,
  type Followed,
  kaplanMeier,
  type Risk,
  type Steps,
  stepAt,
} from './numbers/survival.ts'
export { type TransferRate, transferRate } from './numbers/transfer-rate.ts'
export {
  type CandidateQuestion,
  candidateMrr,
  candidateP1,
  firstRightRank,
} from './retrieval/candidates.ts'
export {
  byCodePoint,
  type Judgements,
  meanAveragePrecision,
  mrrAtK,
  ndcgAtK,
  type RankedQuery,
  ranking,
  retrievalPrecisionAtK,
  retrievalRecallAtK,
} from './retrieval/ranked.ts'
export {
  type AnswerLanguage,
  type AnswerScore,
  answerExact,
  answerF1,
  answerScore,
  type Factoid,
  factoidLenient,
  factoidMrr,
  factoidRank,
  factoidStrict,
  type SpanAnswer,
} from './text/answers.ts'
export { bleu4 } from './text/bleu.ts'
export {
  type Choice,
  choiceAccuracy,
  choiceJaccard,
  type ShuffledItem,
  shuffleConsistent,
} from './text/choices.ts'
export {
  type KeyPointAnswer,
  type KeyPoints,
  keyPointHits,
  keyPointRecall,
  macroRecall,
  plainForm,
} from './text/key-points.ts'
export { answerLetters, type Options } from './text/letters.ts'
export { type GeneratedText, type Rouge, rouge, rougeEn, rougeMean, rougeZh } from './text/rouge.ts'
export { tokensEn, tokensZh } from './text/tokens.ts'
