// Reads a repository with tuf-js over HTTP, as a client that trusts its first root.
//   node read-repository.mjs REPOSITORY STATE [TARGET…]
// Serves REPOSITORY (with metadata/ and targets/) from a loopback port as a plain static host, keeps the client's files in
// STATE, and prints {"requests": […], "targets": {PATH: SHA-256 or null}}. Fails if anything is not to be believed.
import { createHash } from 'node:crypto';
import { copyFileSync, createReadStream, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { Updater } from 'tuf-js';

const [repository, state, ...targets] = process.argv.slice(2);
const requests = [];
const server = createServer((request, response) => {
  const name = decodeURIComponent(request.url);
  const file = path.join(repository, path.normalize(name));
  requests.push(name);
  if (!existsSync(file) || !statSync(file).isFile()) return response.writeHead(404).end();
  response.writeHead(200, { 'content-length': statSync(file).size });
  createReadStream(file).pipe(response);
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const base = `http://127.0.0.1:${server.address().port}`;

const metadataDir = path.join(state, 'metadata');
const targetDir = path.join(state, 'targets');
mkdirSync(metadataDir, { recursive: true });
mkdirSync(targetDir, { recursive: true });
if (!existsSync(path.join(metadataDir, 'root.json')))
  copyFileSync(path.join(repository, 'metadata/1.root.json'), path.join(metadataDir, 'root.json'));

const updater = new Updater({
  metadataDir, metadataBaseUrl: `${base}/metadata`, targetDir, targetBaseUrl: `${base}/targets`,
  config: { fetchTimeout: 10000, fetchRetries: 0 },
});
await updater.refresh();
const found = {};
for (const target of targets) {
  const info = await updater.getTargetInfo(target);
  found[target] = info
    ? createHash('sha256').update(readFileSync(await updater.downloadTarget(info))).digest('hex')
    : null;
}
console.log(JSON.stringify({ requests, targets: found }));
server.close();
