import { catalogue } from '../errors/problem.ts'

export const problem = catalogue({
  'kernel.not-signed-in': {
    status: 401,
    retry: false,
    en: {
      title: 'You are not signed in, or your session or key has ended',
      fix: 'Sign in again, or send a valid API key',
    },
    zh: { title: '您尚未登录，或会话/密钥已失效', fix: '请重新登录，或使用有效的 API 密钥' },
  },
  'kernel.link-spent': {
    status: 410,
    retry: false,
    en: {
      title: 'This sign-in link was used already or has expired',
      fix: 'Ask an operator for a new one: pilotbase login --new-link HANDLE',
    },
    zh: { title: '此登录链接已被使用或已过期', fix: '请向管理员索取新链接：pilotbase login --new-link 用户名' },
  },
  'kernel.unknown-person': {
    status: 404,
    retry: false,
    en: { title: 'There is nobody called {handle} here', fix: 'Look at the handles with: pilotbase config people' },
    zh: { title: '此处没有名为 {handle} 的用户', fix: '可用 pilotbase config people 查看用户名' },
  },
  'kernel.unknown-organisation': {
    status: 404,
    retry: false,
    en: { title: 'There is no organisation called {name} that you can see', fix: 'Add it first, or correct the name' },
    zh: { title: '没有您可见的名为 {name} 的机构', fix: '请先添加该机构，或更正名称' },
  },
  'kernel.taken': {
    status: 409,
    retry: false,
    en: { title: 'The name {name} is taken', fix: 'Choose another' },
    zh: { title: '名称 {name} 已被占用', fix: '请换一个名称' },
  },
  'kernel.oidc-refused': {
    status: 401,
    retry: false,
    en: { title: 'The identity provider did not confirm who you are: {reason}', fix: 'Start the sign-in again' },
    zh: { title: '身份提供方未能确认您的身份：{reason}', fix: '请重新开始登录' },
  },
})
