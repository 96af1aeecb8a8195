import { catalogue } from '../../kernel/index.ts'

export const problem = catalogue({
  'compute.deployment-name-taken': {
    status: 409,
    retry: false,
    en: { title: 'A deployment {name} is there already', fix: 'Stop it first, or choose another name' },
    zh: { title: '部署 {name} 已存在', fix: '请先停止它，或换一个名称' },
  },
  'compute.deployment-changed': {
    status: 409,
    retry: true,
    en: { title: 'The deployment {name} is {state} and cannot become {to}', fix: 'Read it again, then decide' },
    zh: { title: '部署 {name} 当前为 {state}，不能变为 {to}', fix: '请重新读取后再决定' },
  },
})
