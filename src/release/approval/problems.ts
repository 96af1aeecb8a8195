import { catalogue } from '../../kernel/index.ts'

export const problem = catalogue({
  'release.approval-by-author': {
    status: 403,
    retry: false,
    en: {
      title: 'You proposed this release, registered its version or submitted its training, so you do not decide on it',
      fix: 'Ask another approver of the project',
    },
    zh: {
      title: '您是该发布的提出者、版本登记者或训练提交者，因此不能对其作出批准决定',
      fix: '请由项目的其他审批人决定',
    },
  },
  'release.approval-not-approver': {
    status: 403,
    retry: false,
    en: {
      title: 'You are not an approver of this project now',
      fix: 'Ask an owner for the role, or an approver for the decision',
    },
    zh: { title: '您目前不是该项目的审批人', fix: '请向项目所有者申请该角色，或由审批人作出决定' },
  },
  'release.approval-given': {
    status: 409,
    retry: false,
    en: {
      title: 'You have decided on {to} for this release already',
      fix: 'A decision stands; ask another approver, or propose the release anew',
    },
    zh: { title: '您已对该发布的 {to} 阶段作出过决定', fix: '决定不可更改；请由其他审批人决定，或重新提出发布' },
  },
  'release.approval-not-a-party': {
    status: 403,
    retry: false,
    en: {
      title: 'The policy asks for approvals by {parties}; your organisation is none of them',
      fix: 'Ask an approver of one of these organisations',
    },
    zh: { title: '策略要求由 {parties} 批准，您的机构不在其中', fix: '请由上述机构的审批人批准' },
  },
  'release.approval-of-other-stage': {
    status: 409,
    retry: false,
    en: {
      title: 'The release is in {state}; {to} is not its next stage',
      fix: 'Look at the release again, and decide on its next stage',
    },
    zh: { title: '该发布处于 {state}，{to} 不是其下一阶段', fix: '请重新查看该发布，对下一阶段作出决定' },
  },
})
