import { catalogue, type Problem, type ProblemParams } from '../errors/problem.ts'

const original = 'Fetch the export again from the base; if it says the same, its log was altered: tell the auditor'
const originalZh = '请从系统重新导出；若结果相同，说明日志已被改动，请通知审计员'

const problem = catalogue({
  'kernel.audit-changed-row': {
    status: 422,
    retry: false,
    en: { title: 'Row {seq} of the audit log was changed after it was sealed', fix: original },
    zh: { title: '审计日志第 {seq} 行在封存后被改动', fix: originalZh },
  },
  'kernel.audit-missing-row': {
    status: 422,
    retry: false,
    en: { title: 'Row {seq} of the audit log is missing', fix: original },
    zh: { title: '审计日志缺少第 {seq} 行', fix: originalZh },
  },
  'kernel.audit-inserted-row': {
    status: 422,
    retry: false,
    en: { title: 'The row at place {seq} (line {line}) was put into the audit log after it was sealed', fix: original },
    zh: { title: '审计日志第 {seq} 位（第 {line} 行）的记录是封存后插入的', fix: originalZh },
  },
  'kernel.audit-reordered': {
    status: 422,
    retry: false,
    en: { title: 'The audit log is out of order from row {seq} on', fix: original },
    zh: { title: '审计日志从第 {seq} 行起顺序被打乱', fix: originalZh },
  },
  'kernel.audit-bad-seal': {
    status: 422,
    retry: false,
    en: { title: 'The seal at line {line}, after row {seq}, does not hold: {detail}', fix: original },
    zh: { title: '第 {line} 行（第 {seq} 条记录之后）的封印无效：{detail}', fix: originalZh },
  },
  'kernel.audit-foreign-key': {
    status: 422,
    retry: false,
    en: {
      title: 'The seal at line {line} is signed by no key that you trust (key {keyid})',
      fix: 'Obtain the public key from the operator of the base and add it to the key ring',
    },
    zh: { title: '第 {line} 行封印的密钥不受信任（密钥 {keyid}）', fix: '请向系统运营方索取公钥并加入密钥环' },
  },
  'kernel.audit-truncated': {
    status: 422,
    retry: false,
    en: { title: 'The export ends before its signed end, after row {seq}', fix: 'Fetch the whole export again' },
    zh: { title: '导出文件在签名结尾之前中断（第 {seq} 行之后）', fix: '请重新获取完整的导出文件' },
  },
  'kernel.audit-malformed': {
    status: 422,
    retry: false,
    en: { title: 'Line {line} is not a line of an audit export: {detail}', fix: original },
    zh: { title: '第 {line} 行不是审计导出格式：{detail}', fix: originalZh },
  },
  'kernel.audit-rewritten': {
    status: 422,
    retry: false,
    en: {
      title: 'The audit log up to row {seq} is not the one whose head you noted earlier',
      fix: 'Its history was replaced by someone who holds the sealing key: keep both exports and tell the auditor',
    },
    zh: {
      title: '截至第 {seq} 行的审计日志与您先前记录的不一致',
      fix: '持有封存密钥者替换了历史：请保留两份导出并通知审计员',
    },
  },
})

/** Why an export is refused; each is one row of the catalogue, `kernel.audit-<reason>`. */
export type AuditReason =
  | 'changed-row'
  | 'missing-row'
  | 'inserted-row'
  | 'reordered'
  | 'bad-seal'
  | 'foreign-key'
  | 'truncated'
  | 'malformed'
  | 'rewritten'

export interface AuditRefusal {
  readonly reason: AuditReason
  /** Position in the chain of the first row that does not fit (or of the last that does, for a seal or the end). */
  readonly seq: number
  /** Line of the export, counted from 1. */
  readonly line: number
  readonly problem: Problem
}

export function refuseAudit(reason: AuditReason, seq: number, line: number, params: ProblemParams = {}): AuditRefusal {
  return { reason, seq, line, problem: problem(`kernel.audit-${reason}`, { seq, line, ...params }) }
}
