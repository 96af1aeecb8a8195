import { catalogue, type Problem, type ProblemParams } from '../errors/problem.ts'

export const problem = catalogue({
  'kernel.evidence-forged': {
    status: 422,
    retry: false,
    en: {
      title: 'The signature on {where} does not match its content',
      fix: 'Treat it as forged or damaged: do not use it, and ask the sender for the original',
    },
    zh: { title: '{where} 的签名与内容不符', fix: '请视为伪造或已损坏：不要使用，并向发送方索取原件' },
  },
  'kernel.evidence-truncated': {
    status: 422,
    retry: false,
    en: { title: 'The evidence is incomplete: {detail}', fix: 'Fetch the whole export again from where it was made' },
    zh: { title: '证据不完整：{detail}', fix: '请从导出方重新获取完整的导出文件' },
  },
  'kernel.evidence-reordered': {
    status: 422,
    retry: false,
    en: {
      title: 'The evidence is out of order at {where}: {detail}',
      fix: 'Fetch the export again from where it was made; the order is part of what was signed',
    },
    zh: { title: '证据在 {where} 处顺序不对：{detail}', fix: '请从导出方重新获取；顺序也是签名内容的一部分' },
  },
  'kernel.evidence-foreign-key': {
    status: 422,
    retry: false,
    en: {
      title: '{where} is signed by no key that you trust (key {keyid})',
      fix: 'If you know the signer, obtain the public key from them directly and add it to the key ring',
    },
    zh: {
      title: '{where} 的签名密钥不在受信任列表中（密钥 {keyid}）',
      fix: '如果您认识签名方，请直接向其索取公钥并加入密钥环',
    },
  },
  'kernel.evidence-key-not-valid': {
    status: 422,
    retry: false,
    en: {
      title: '{where} says it was made at {at}, when the key {keyid} was not valid',
      fix: 'Ask {party} to confirm the statement and to sign it again with a key that is valid',
    },
    zh: {
      title: '{where} 标明的时间为 {at}，当时密钥 {keyid} 无效',
      fix: '请 {party} 确认该声明，并用有效密钥重新签名',
    },
  },
  'kernel.evidence-unknown-predicate': {
    status: 422,
    retry: false,
    en: {
      title: '{where} makes a kind of statement that is not known here: {predicateType}',
      fix: 'Verify it with a newer Pilot Base, or with the tool of its maker',
    },
    zh: { title: '{where} 的声明类型无法识别：{predicateType}', fix: '请用更新版本的 Pilot Base 或其制作方的工具验证' },
  },
  'kernel.evidence-malformed': {
    status: 422,
    retry: false,
    en: { title: '{where} is not readable as evidence: {detail}', fix: 'Ask the sender for the original file' },
    zh: { title: '{where} 无法作为证据读取：{detail}', fix: '请向发送方索取原始文件' },
  },
  'kernel.evidence-digest-mismatch': {
    status: 422,
    retry: false,
    en: {
      title: '{where} does not have the digest that was signed: {detail}',
      fix: 'Something was changed, added or swapped: fetch the original again',
    },
    zh: { title: '{where} 的摘要与签名时不一致：{detail}', fix: '内容被修改、增添或调换：请重新获取原件' },
  },
  'kernel.no-canonical-json': {
    status: 422,
    retry: false,
    en: {
      title: 'The value at {path} has no canonical JSON: {detail}',
      fix: 'Use text, finite numbers, true, false, null, lists and objects of these',
    },
    zh: {
      title: '{path} 处的值没有规范的 JSON 形式：{detail}',
      fix: '请只使用文本、有限数值、布尔值、null、列表和对象',
    },
  },
  'kernel.statement-wrong': {
    status: 422,
    retry: false,
    en: { title: 'This is not a statement that can be signed: {detail}', fix: 'Correct the named field' },
    zh: { title: '该声明不符合签名要求：{detail}', fix: '请改正所指出的字段' },
  },
  'kernel.signing-key-unreadable': {
    status: 500,
    retry: false,
    en: {
      title: 'The signing key {path} cannot be used: {detail}',
      fix: 'Restore it from its backup. A new key can be made, but what the old one signed stays bound to the old one',
    },
    zh: {
      title: '签名密钥 {path} 无法使用：{detail}',
      fix: '请从备份恢复。可以生成新密钥，但旧密钥签过的内容仍属于旧密钥',
    },
  },
  'kernel.key-ring-wrong': {
    status: 422,
    retry: false,
    en: {
      title: 'The key ring cannot be used: {detail}',
      fix: 'Correct the named entry; keys are ed25519 in PEM (SPKI)',
    },
    zh: { title: '密钥环无法使用：{detail}', fix: '请改正所指出的条目；密钥为 PEM（SPKI）格式的 ed25519 公钥' },
  },
})

/** Why evidence is refused; each is one row of the catalogue, `kernel.evidence-<reason>`. */
export type Reason =
  | 'forged'
  | 'truncated'
  | 'reordered'
  | 'foreign-key'
  | 'key-not-valid'
  | 'unknown-predicate'
  | 'malformed'
  | 'digest-mismatch'

/** One refusal: a stable reason for programs, a problem with words for people. `line` counts from 1. */
export interface Refusal {
  readonly reason: Reason
  readonly where: string
  readonly line: number | null
  readonly problem: Problem
}

/** Makes a refusal; `where` names the thing refused and fills the words. */
export function refuse(reason: Reason, where: string, line: number | null, params: ProblemParams = {}): Refusal {
  return { reason, where, line, problem: problem(`kernel.evidence-${reason}`, { where, ...params }) }
}
