import { catalogue } from '../../kernel/index.ts'

export const problem = catalogue({
  'release.policy-not-yaml': {
    status: 422,
    retry: false,
    en: { title: 'The policy is not YAML, line {line}: {reason}', fix: 'Correct that line and send it again' },
    zh: { title: '策略不是有效的 YAML，第 {line} 行：{reason}', fix: '请更正该行后重新提交' },
  },
  'release.policy-unknown-key': {
    status: 422,
    retry: false,
    en: {
      title: 'Line {line} of the policy names {key} in {where}, which is not known there',
      fix: 'The nearest known name is {nearest}; known are {known}',
    },
    zh: {
      title: '策略第 {line} 行在 {where} 中使用了未知的名称 {key}',
      fix: '最接近的已知名称是 {nearest}；可用的有 {known}',
    },
  },
  'release.policy-wrong': {
    status: 422,
    retry: false,
    en: { title: 'Line {line} of the policy, {where}: {reason}', fix: 'Correct that value and send it again' },
    zh: { title: '策略第 {line} 行，{where}：{reason}', fix: '请更正该值后重新提交' },
  },
  'release.policy-party-unknown': {
    status: 422,
    retry: false,
    en: {
      title:
        'Line {line} of the policy names the party {party}, which is neither a kind of organisation nor the name of one here',
      fix: 'Kinds are hospital, company, research, government; the nearest name is {nearest}',
    },
    zh: {
      title: '策略第 {line} 行的参与方 {party} 既不是机构类型，也不是此处机构的名称',
      fix: '机构类型有 hospital、company、research、government；最接近的名称是 {nearest}',
    },
  },
  'release.policy-changed-meanwhile': {
    status: 409,
    retry: true,
    en: {
      title: 'Somebody else changed the policy while you did',
      fix: 'Read the newest version, then send yours again if it still holds',
    },
    zh: { title: '在您修改策略的同时，他人也修改了策略', fix: '请先查看最新版本，如仍适用再重新提交' },
  },
  'release.policy-not-owner': {
    status: 403,
    retry: false,
    en: { title: 'Only an owner of the project changes its release policy', fix: 'Ask an owner to set it' },
    zh: { title: '只有项目所有者可以修改发布策略', fix: '请联系项目所有者' },
  },
})
