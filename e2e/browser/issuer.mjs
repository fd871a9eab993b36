// An issuer of OpenID Connect for the tests: npm oidc-provider with its own pages for
// people, on this machine's loopback. Its packages lie in the folder that is named
// first; what the office is registered as, and its origin, follow.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [folder, client, secret, origin] = process.argv.slice(2);
const { Provider } = await import(pathToFileURL(createRequire(folder + '/').resolve('oidc-provider')).href);

const server = createServer();
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
const issuer = `http://127.0.0.1:${server.address().port}`;
const provider = new Provider(issuer, {
  clients: [{
    client_id: client,
    client_secret: secret,
    redirect_uris: [origin + '/enter/openid/back'],
    post_logout_redirect_uris: [origin + '/'],
    grant_types: ['authorization_code'],
    response_types: ['code'],
  }],
  pkce: { required: () => true },
  conformIdTokenClaims: false,
  claims: { openid: ['sub'], email: ['email', 'email_verified'] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, email: id + '@lindworm.example', email_verified: id !== 'mallory' }) }),
  cookies: { keys: ['only for a test'] },
});
server.on('request', provider.callback());
console.log('ready ' + issuer);
