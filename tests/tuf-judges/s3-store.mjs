// A store that speaks S3, for as long as its standard input is open.
//   node s3-store.mjs DIRECTORY BUCKET
// Prints its port. The key is S3RVER, its secret S3RVER. s3rver keeps the objects; it does not check signatures of version 4,
// so Amazon's own signer does, in front of it: over the headers that the request says it signed, and the body as it came.
import { createHash } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { createServer, request as forward } from 'node:http';
import path from 'node:path';
import { SignatureV4 } from '@smithy/signature-v4';
import { Sha256 } from '@aws-crypto/sha256-js';
import S3rver from 's3rver';

const [directory, bucket] = process.argv.slice(2);
const store = new S3rver({ address: '127.0.0.1', port: 0, silent: true, directory, configureBuckets: [{ name: bucket }] });
const inner = await store.run();

async function whyNot(request, body) {
  const given = request.headers.authorization;
  if (given === undefined) return request.method === 'GET' ? null : 'AccessDenied';
  const [, region, names] = given.match(/Credential=S3RVER\/\d{8}\/([^/]+)\/s3\/aws4_request,SignedHeaders=([^,]+),Signature=/) ?? [];
  if (names === undefined) return 'InvalidAccessKeyId';
  if (request.headers['x-amz-content-sha256'] !== createHash('sha256').update(body).digest('hex')) return 'XAmzContentSHA256Mismatch';
  const headers = Object.fromEntries(names.split(';').map((name) => [name, request.headers[name]]));
  const date = new Date(request.headers['x-amz-date'].replace(/(....)(..)(..)T(..)(..)(..)Z/, '$1-$2-$3T$4:$5:$6Z'));
  const signer = new SignatureV4({
    credentials: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' }, region, service: 's3', sha256: Sha256, uriEscapePath: false,
  });
  const [hostname, port] = request.headers.host.split(':');
  const url = new URL(request.url, 'http://store');
  const expected = await signer.sign(
    { method: request.method, protocol: 'http:', hostname, port: Number(port), path: url.pathname, query: Object.fromEntries(url.searchParams), headers },
    { signingDate: date, signableHeaders: new Set(names.split(';')), unsignableHeaders: new Set() },
  );
  return expected.headers.authorization.split('Signature=')[1] === given.split('Signature=')[1] ? null : 'SignatureDoesNotMatch';
}

/** s3rver does not know AbortMultipartUpload. As Amazon documents it: the parts are gone. */
function abort(upload) {
  const [found] = readdirSync(directory, { recursive: true }).filter((name) => path.basename(name) === upload);
  if (found) rmSync(path.join(directory, found), { recursive: true });
  return found !== undefined;
}

const server = createServer(async (request, response) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  const body = Buffer.concat(parts);
  const reason = await whyNot(request, body);
  if (reason) return response.writeHead(403).end(`<Error><Code>${reason}</Code></Error>`);
  const upload = new URL(request.url, 'http://store').searchParams.get('uploadId');
  if (request.method === 'DELETE' && upload) return response.writeHead(abort(upload) ? 204 : 404).end();
  const { authorization, ...headers } = request.headers;
  const passed = forward({ host: '127.0.0.1', port: inner.port, method: request.method, path: request.url, headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  });
  passed.end(body);
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
console.log(server.address().port);
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
