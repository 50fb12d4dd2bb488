// A repository with ROLES delegated roles of FILES targets each, written once for both clients.
// Usage: node write-repository.mjs DIRECTORY ROLES FILES   (the metadata model is tests/tuf-judges' own)
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../tests/tuf-judges/package.json', import.meta.url));
const { Key, MetaFile, Metadata, Root, Signature, Snapshot, TargetFile, Targets, Timestamp } = require('@tufjs/models');
const { Delegations } = require('@tufjs/models/dist/delegations.js');
const { DelegatedRole, Role } = require('@tufjs/models/dist/role.js');
const [directory, roleCount, fileCount] = process.argv.slice(2);
const common = { version: 1, specVersion: '1.0.31', expires: '2099-01-01T00:00:00Z' };

const { publicKey, privateKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const keyID = crypto.randomBytes(32).toString('hex');
const key = new Key({ keyID, keyType: 'ecdsa', scheme: 'ecdsa-sha2-nistp256', keyVal: { public: publicKey.export({ format: 'pem', type: 'spki' }) } });

function write(file, content) {
  fs.mkdirSync(path.dirname(path.join(directory, file)), { recursive: true });
  fs.writeFileSync(path.join(directory, file), content);
}

function publish(name, signed) {
  const metadata = new Metadata(signed);
  metadata.sign((data) => new Signature({ keyID, sig: crypto.sign('sha256', data, privateKey).toString('hex') }));
  const bytes = Buffer.from(JSON.stringify(metadata.toJSON()));
  write(`metadata/${name}.json`, bytes);
  return new MetaFile({ version: 1, length: bytes.length, hashes: { sha256: crypto.createHash('sha256').update(bytes).digest('hex') } });
}

const names = [...Array(Number(roleCount)).keys()].map((number) => `role-${number}`);
const meta = {};
for (const name of names) {
  const targets = {};
  for (let i = 0; i < fileCount; i++) {
    const content = Buffer.from(`${name} ${i}\n`);
    const sha256 = crypto.createHash('sha256').update(content).digest('hex');
    targets[`${name}/file-${i}`] = new TargetFile({ path: `${name}/file-${i}`, length: content.length, hashes: { sha256 } });
    write(`targets/${name}/${sha256}.file-${i}`, content);
  }
  meta[`${name}.json`] = publish(`1.${name}`, new Targets({ ...common, targets }));
}
const roles = Object.fromEntries(names.map((name) => [name, new DelegatedRole({
  name, keyIDs: [keyID], threshold: 1, terminating: true, paths: [`${name}/*`] })]));
meta['targets.json'] = publish('1.targets', new Targets({ ...common, targets: {}, delegations: new Delegations({ keys: { [keyID]: key }, roles }) }));
publish('timestamp', new Timestamp({ ...common, snapshotMeta: publish('1.snapshot', new Snapshot({ ...common, meta })) }));
publish('1.root', new Root({
  ...common, consistentSnapshot: true, keys: { [keyID]: key },
  roles: Object.fromEntries(['root', 'timestamp', 'snapshot', 'targets'].map((name) => [name, new Role({ keyIDs: [keyID], threshold: 1 })])),
}));
