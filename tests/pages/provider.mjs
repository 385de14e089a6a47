// An OpenID provider that nobody here wrote, with its own pages: node provider.mjs ISSUER-PORT ORIGIN SECRET.
import Provider from 'oidc-provider'

const [port, origin, secret] = process.argv.slice(2)
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{
    client_id: 'nilai',
    client_secret: secret,
    redirect_uris: [`${origin}/intake/signed-in`],
    post_logout_redirect_uris: [`${origin}/intake/`],
    token_endpoint_auth_method: 'client_secret_basic'
  }],
  claims: { openid: ['sub'], profile: ['name'] },
  pkce: { required: () => true },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, name: `Nama ${id}` }) })
})
provider.listen(Number(port), '127.0.0.1')
