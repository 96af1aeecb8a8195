import { catalogue } from '../errors/problem.ts'

export const problem = catalogue({
  'kernel.invalid-request': {
    status: 400,
    retry: false,
    en: {
      title: 'The request is not as the contract says: {issues}',
      fix: 'Correct the fields named and send it again',
    },
    zh: { title: '请求不符合接口约定：{issues}', fix: '请更正所指字段后重新发送' },
  },
  'kernel.forbidden': {
    status: 403,
    retry: false,
    en: {
      title: 'Your roles here ({roles}) do not allow {action}',
      fix: 'Ask an owner of the project for a role that does: {allowed}',
    },
    zh: { title: '您在此处的角色（{roles}）不允许 {action}', fix: '请向项目所有者申请允许的角色：{allowed}' },
  },
  'kernel.not-found': {
    status: 404,
    retry: false,
    en: {
      title: 'There is no {kind} {id} that you can see',
      fix: 'Check the name, and that you are a member of its project',
    },
    zh: { title: '没有您可见的 {kind} {id}', fix: '请检查名称，并确认您是该项目的成员' },
  },
  'kernel.cross-site': {
    status: 403,
    retry: false,
    en: {
      title: 'The request came from another site ({origin})',
      fix: 'Use the console at its own address, or an API key',
    },
    zh: { title: '请求来自其他站点（{origin}）', fix: '请从本站控制台操作，或使用 API 密钥' },
  },
  'kernel.too-large': {
    status: 413,
    retry: false,
    en: {
      title: 'The request is larger than {limitBytes} bytes',
      fix: 'Send less at once, or upload the file in parts',
    },
    zh: { title: '请求超过 {limitBytes} 字节', fix: '请减小单次请求，或分块上传文件' },
  },
  'kernel.too-many': {
    status: 429,
    retry: true,
    en: { title: 'Too many requests', fix: 'Wait {seconds} s and send it again' },
    zh: { title: '请求过多', fix: '请等待 {seconds} 秒后重试' },
  },
  'kernel.unexpected': {
    status: 500,
    retry: true,
    en: {
      title: 'Something went wrong on our side',
      fix: 'Try again; if it stays, give the operator the request id {requestId}',
    },
    zh: { title: '系统内部出错', fix: '请重试；若仍然出现，请将请求编号 {requestId} 告知管理员' },
  },
})
