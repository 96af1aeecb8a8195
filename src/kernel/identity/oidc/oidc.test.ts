import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import Provider from 'oidc-provider'
import { kernelHttp } from '../../base.ts'
import { type TestBase, testBase } from '../../testing.ts'

const secret = 'a-secret-of-this-test-alone'
let base: TestBase
let issuer: Server
let issuerUrl: string
let app: Awaited<ReturnType<typeof kernelHttp>>
let address: string

before(async () => {
  base = await testBase()
  await base.person('lin', 'clinician')
  issuer = createServer()
  issuer.listen(0, '127.0.0.1')
  await once(issuer, 'listening')
  issuerUrl = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`
  const { kernel } = base
  const config = { ...kernel.config, oidcIssuer: issuerUrl, oidcClientId: 'pilotbase', oidcClientSecret: secret }
  app = await kernelHttp({ ...kernel, config }, [])
  address = await app.listen({ host: '127.0.0.1', port: 0 })
  const provider = new Provider(issuerUrl, {
    clients: [{ client_id: 'pilotbase', client_secret: secret, redirect_uris: [`${address}/sign-in/oidc/callback`] }],
    claims: { openid: ['sub'], profile: ['preferred_username'] },
    conformIdTokenClaims: false,
    cookies: { keys: ['keys-of-this-test'] },
    findAccount: async (_context, id) => ({ accountId: id, claims: async () => ({ sub: id, preferred_username: id }) }),
  })
  issuer.on('request', provider.callback())
})
after(async () => {
  await app.close()
  issuer.closeAllConnections()
  issuer.close()
  await base.close()
})

test('a person known here comes in through the issuer, and is bound to its subject', async () => {
  const me = await signIn('lin')
  assert.equal(me.status, 200)
  assert.equal(((await me.json()) as { handle: string }).handle, 'lin')
  assert.equal((await signIn('lin')).status, 200, 'a second time by the subject')
})

test('somebody whom the issuer knows and this base does not is not let in', async () => {
  const answer = await signIn('stranger')
  assert.equal(answer.status, 404)
  assert.equal(((await answer.json()) as { code: string }).code, 'kernel.unknown-person')
})

test('a callback that was not begun here is refused', async () => {
  const answer = await fetch(`${address}/sign-in/oidc/callback?code=x&state=y`, { redirect: 'manual' })
  assert.equal(answer.status, 401)
  assert.equal(((await answer.json()) as { code: string }).code, 'kernel.oidc-refused')
})

/** Walks through the provider's own pages as a browser would, and asks the base who came in. */
async function signIn(login: string): Promise<Response> {
  const jar = new Map<string, string>()
  let answer = await visit(jar, `${address}/sign-in/oidc`)
  for (let page = 0; page < 12; page++) {
    const next = answer.headers.get('location')
    const here = new URL(answer.url)
    if (next !== null) {
      const target = new URL(next, here)
      if (target.origin === address && target.pathname === '/') return visit(jar, `${address}/api/me`)
      answer = await visit(jar, target.href)
      continue
    }
    if (here.origin === address) return answer
    const html = await answer.text()
    const action = /action="([^"]+)"/.exec(html)?.[1] ?? here.href
    const prompt = /name="prompt" value="([^"]+)"/.exec(html)?.[1] ?? 'login'
    answer = await visit(jar, new URL(action, here).href, new URLSearchParams({ prompt, login, password: 'any' }))
  }
  throw new Error('the provider sent the browser round in circles')
}

async function visit(jar: Map<string, string>, url: string, form?: URLSearchParams): Promise<Response> {
  const host = new URL(url).host
  const cookie = [...jar]
    .filter(([name]) => name.startsWith(`${host} `))
    .map(([name, value]) => `${name.split(' ')[1]}=${value}`)
  const answer = await fetch(url, {
    redirect: 'manual',
    headers: { cookie: cookie.join('; ') },
    ...(form === undefined ? {} : { method: 'POST', body: form }),
  })
  for (const set of answer.headers.getSetCookie()) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
    jar.set(`${host} ${name}`, value)
  }
  return answer
}
