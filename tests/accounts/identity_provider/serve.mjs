// The certified OpenID provider on a port of this machine that is free. Its one argument is a JSON object:
// clients (as oidc-provider takes them), people {name: {email, email_verified}} and the host name to go by.
// Whoever signs in types a name; any password does. Writes its issuer on the first line when it is ready.
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const { clients, people, host } = JSON.parse(process.argv[2]);

const findAccount = (_context, id) =>
  people[id] && { accountId: id, claims: () => ({ sub: id, ...people[id] }) };

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://${host}:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients,
    findAccount,
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    pkce: { required: () => true },
    cookies: { keys: ['a key of tests'] },
  });
  server.on('request', provider.callback());
  process.stdout.write(`${issuer}\n`);
});
