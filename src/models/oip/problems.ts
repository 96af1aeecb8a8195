import { catalogue } from '../../kernel/index.ts'

export const problem = catalogue({
  'models.oip-model-unknown': {
    status: 404,
    retry: false,
    en: { title: 'There is no model {model} here', fix: 'Ask for a name and version that are being served' },
    zh: { title: '这里没有模型 {model}', fix: '请使用正在提供服务的名称与版本' },
  },
  'models.oip-not-ready': {
    status: 503,
    retry: true,
    en: { title: 'The model {model} is not ready', fix: 'Ask its /ready address and send again when it says so' },
    zh: { title: '模型 {model} 尚未就绪', fix: '请查询其 /ready 地址，就绪后重试' },
  },
  'models.oip-json': {
    status: 400,
    retry: false,
    en: {
      title: 'The request is no JSON: {reason}',
      fix: 'Send JSON, followed by binary tensors only if Inference-Header-Content-Length is set',
    },
    zh: {
      title: '请求不是有效的 JSON：{reason}',
      fix: '请发送 JSON；仅在设置 Inference-Header-Content-Length 时后接二进制张量',
    },
  },
  'models.oip-request': {
    status: 400,
    retry: false,
    en: {
      title: 'The request is wrong at {path}: {reason}',
      fix: 'Send what the Open Inference Protocol v2 describes',
    },
    zh: { title: '请求在 {path} 处有误：{reason}', fix: '请按 Open Inference Protocol v2 发送' },
  },
  'models.oip-header-length': {
    status: 400,
    retry: false,
    en: {
      title: 'Inference-Header-Content-Length is {actual}; the body has {bytes} bytes',
      fix: 'Give the length in bytes of the JSON before the binary tensors',
    },
    zh: {
      title: 'Inference-Header-Content-Length 为 {actual}，而请求体有 {bytes} 字节',
      fix: '请给出二进制张量之前 JSON 的字节数',
    },
  },
  'models.oip-body-length': {
    status: 400,
    retry: false,
    en: {
      title: 'The inputs declare {expected} bytes of binary data; the body carries {actual}',
      fix: 'Let the sum of binary_data_size be the length of what follows the JSON',
    },
    zh: {
      title: '输入声明了 {expected} 字节二进制数据，而请求体带有 {actual}',
      fix: '请使 binary_data_size 之和等于 JSON 之后的长度',
    },
  },
  'models.oip-element': {
    status: 400,
    retry: false,
    en: {
      title: 'Element {index} of the input {tensor} is {value}, which is no {datatype}',
      fix: 'Send numbers in the range of {datatype}; 64-bit integers beyond ±2^53 go as binary data',
    },
    zh: {
      title: '输入 {tensor} 的第 {index} 个元素是 {value}，不是 {datatype}',
      fix: '请提供 {datatype} 范围内的数值；超过 ±2^53 的 64 位整数请用二进制数据',
    },
  },
  'models.oip-nesting': {
    status: 400,
    retry: false,
    en: {
      title: 'The data of the input {tensor} are not nested as its shape [{shape}] says',
      fix: 'Nest by the shape, or send a flat list',
    },
    zh: { title: '输入 {tensor} 的数据嵌套与形状 [{shape}] 不符', fix: '请按形状嵌套，或发送一维列表' },
  },
  'models.oip-not-json': {
    status: 400,
    retry: false,
    en: { title: '{tensor} is {datatype}, which JSON cannot carry here', fix: 'Use binary data for {tensor}' },
    zh: { title: '{tensor} 为 {datatype}，此处无法用 JSON 表示', fix: '请对 {tensor} 使用二进制数据' },
  },
  'models.oip-output-not-finite': {
    status: 500,
    retry: false,
    en: {
      title: 'Element {index} of the output {tensor} is not a finite number, and JSON has none other',
      fix: 'Report it with the input to the model owner; binary data would carry it',
    },
    zh: {
      title: '输出 {tensor} 的第 {index} 个元素不是有限数值，JSON 无法表示',
      fix: '请连同输入报告模型负责人；二进制数据可以传送该值',
    },
  },
  'models.oip-extension': {
    status: 400,
    retry: false,
    en: {
      title: 'The extension {extension} is not offered',
      fix: 'Send the request without the parameter {extension}',
    },
    zh: { title: '不支持扩展 {extension}', fix: '请去掉参数 {extension} 后重发' },
  },
  'models.oip-encoding': {
    status: 415,
    retry: false,
    en: { title: 'The body is encoded as {encoding}', fix: 'Send it without Content-Encoding' },
    zh: { title: '请求体使用了 {encoding} 编码', fix: '请不要使用 Content-Encoding' },
  },
  'models.oip-body-limit': {
    status: 413,
    retry: false,
    en: { title: 'The body is larger than {limitBytes} bytes', fix: 'Send smaller tensors or fewer at once' },
    zh: { title: '请求体超过 {limitBytes} 字节', fix: '请减小张量或分批发送' },
  },
  'models.oip-body-cut': {
    status: 400,
    retry: true,
    en: { title: 'The body ended after {actual} bytes', fix: 'Send the request again' },
    zh: { title: '请求体在 {actual} 字节后中断', fix: '请重新发送' },
  },
})
