import { z } from 'zod'

/*
 * Shapes of the Open Inference Protocol v2 over HTTP, with its binary tensor data extension
 * (github.com/kserve/open-inference-protocol, and Triton's protocol/extension_binary_data.md).
 * Objects here drop keys that they do not know instead of refusing them: the protocol's clients send their own
 * (KServe's puts `model_name` into the body), and a protocol shared with others is not ours to tighten.
 * Tensor data is `unknown` here and read by json-data.ts and binary.ts: zod over 12,000 numbers costs more than the model.
 */

const parameters = z.record(z.string(), z.union([z.boolean(), z.number(), z.string()]))
const shape = z.array(z.int().min(0)).max(32).describe('sizes, outermost first; row-major')

export const inferInput = z.object({
  name: z.string(),
  shape,
  datatype: z.string(),
  parameters: parameters.optional().describe('binary_data_size: bytes of this tensor after the JSON header'),
  data: z.unknown().optional().describe('elements in row-major order, nested by the shape or flat'),
})

export const inferOutputWish = z.object({
  name: z.string(),
  parameters: parameters.optional().describe('binary_data: true sends this output after the JSON header'),
})

export const inferRequest = z.object({
  id: z.string().optional(),
  parameters: parameters.optional().describe('binary_data_output: default of binary_data for every output'),
  inputs: z.array(inferInput),
  outputs: z.array(inferOutputWish).optional().describe('default: all outputs, in the order of the metadata'),
})

export const inferOutput = z.object({
  name: z.string(),
  shape,
  datatype: z.string(),
  parameters: parameters.optional(),
  data: z.array(z.union([z.number(), z.boolean(), z.string()])).optional(),
})

export const inferResponse = z.object({
  model_name: z.string(),
  model_version: z.string(),
  id: z.string().optional(),
  outputs: z.array(inferOutput),
})

export const tensorMetadata = z.object({
  name: z.string(),
  datatype: z.string(),
  shape: z.array(z.int().min(-1)).describe('-1 is a dimension of any size'),
})

export const modelMetadata = z.object({
  name: z.string(),
  versions: z.array(z.string()),
  platform: z.string(),
  inputs: z.array(tensorMetadata),
  outputs: z.array(tensorMetadata),
})

export const serverMetadata = z.object({ name: z.string(), version: z.string(), extensions: z.array(z.string()) })
export const serverLive = z.object({ live: z.boolean() })
export const serverReady = z.object({ ready: z.boolean() })
export const modelReady = z.object({ name: z.string(), ready: z.boolean() })
export const oipError = z.object({ error: z.string() })

export type InferRequest = z.infer<typeof inferRequest>
export type InferInput = z.infer<typeof inferInput>
export type InferResponse = z.infer<typeof inferResponse>
export type ModelMetadata = z.infer<typeof modelMetadata>
export type ServerMetadata = z.infer<typeof serverMetadata>
