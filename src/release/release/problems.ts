import { catalogue } from '../../kernel/index.ts'

export const problem = catalogue({
  'release.no-policy': {
    status: 409,
    retry: false,
    en: {
      title: 'The project has no release policy yet',
      fix: 'Ask an owner to set one; the suggested one is shown with the policy',
    },
    zh: { title: '项目尚未设定发布策略', fix: '请项目所有者设定；策略页面提供了示例' },
  },
  'release.gate-shut': {
    status: 409,
    retry: false,
    en: { title: 'The gate to {to} is shut. It lacks: {lackingEn}', fix: 'Bring what is lacking, then advance again' },
    zh: { title: '通往 {to} 的关卡未开启，缺少：{lackingZh}', fix: '请补齐所缺内容后再推进' },
  },
  'release.not-next-stage': {
    status: 409,
    retry: false,
    en: { title: 'The release is in {state}; it does not go to {to} from there', fix: 'Its next stage is: {next}' },
    zh: { title: '该发布处于 {state}，不能由此进入 {to}', fix: '其下一阶段为：{next}' },
  },
  'release.moved-meanwhile': {
    status: 409,
    retry: true,
    en: { title: 'The release changed while you acted on it', fix: 'Look at it again, then repeat what still holds' },
    zh: { title: '在您操作期间该发布已发生变化', fix: '请重新查看后再操作' },
  },
  'release.live-already': {
    status: 409,
    retry: false,
    en: {
      title: 'Another release is live for {purpose} at {site}',
      fix: 'Withdraw it, then advance this one: two answers to one question are never live together',
    },
    zh: {
      title: '{site} 的 {purpose} 已有另一发布在正式使用',
      fix: '请先撤回该发布，再推进本发布；同一用途不得同时有两个在用版本',
    },
  },
  'release.not-allowed': {
    status: 403,
    retry: false,
    en: {
      title: 'Your roles do not allow to move this release to {to}',
      fix: 'Ask an owner or approver of the project',
    },
    zh: { title: '您的角色不允许将该发布移至 {to}', fix: '请联系项目所有者或审批人' },
  },
  'release.version-differs': {
    status: 409,
    retry: false,
    en: { title: 'The version {id} is not one of this project', fix: 'Name a version that is registered here' },
    zh: { title: '版本 {id} 不属于本项目', fix: '请使用已在此登记的版本' },
  },
  'release.not-served': {
    status: 409,
    retry: false,
    en: {
      title: 'The release {id} is {state}: it is not called',
      fix: 'Use the release that is in use for this purpose, or go on without one',
    },
    zh: { title: '发布 {id} 处于 {state}，不可调用', fix: '请使用该用途当前在用的发布，或不使用模型继续' },
  },
  'release.evidence-broken': {
    status: 409,
    retry: false,
    en: {
      title: 'The release {id} is not called: the signed statement that let it into {state} does not hold ({reason})',
      fix: 'Have an operator verify the evidence of the project before anyone relies on it',
    },
    zh: {
      title: '发布 {id} 不可调用：其进入 {state} 的签名声明无效（{reason}）',
      fix: '请管理员核查项目证据，核查前请勿依赖该发布',
    },
  },
  'release.site-needed': {
    status: 409,
    retry: false,
    en: { title: 'Several sites have a live release for {purpose}: {sites}', fix: 'Say which site is meant' },
    zh: { title: '{purpose} 在多个地点有正式使用的发布：{sites}', fix: '请指明地点' },
  },
})
