// Writes a TUF repository with the metadata model of tuf-js: who reads it must agree with another implementation about
// canonical form, key ids, hash bins and file names. Usage: node write-repository.mjs DIRECTORY EXPIRES
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import models from '@tufjs/models';
import delegations from '@tufjs/models/dist/delegations.js';
import roles from '@tufjs/models/dist/role.js';

const [directory, expires] = process.argv.slice(2);
const { Key, MetaFile, Metadata, Root, Signature, Snapshot, TargetFile, Targets, Timestamp } = models;
const { Delegations } = delegations;
const { Role, SuccinctRoles } = roles;

function newKey(type) {
  const { publicKey, privateKey } = type === 'ecdsa'
    ? crypto.generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
    : type === 'rsa' ? crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }) : crypto.generateKeyPairSync('ed25519');
  const scheme = { ecdsa: 'ecdsa-sha2-nistp256', rsa: 'rsassa-pss-sha256', ed25519: 'ed25519' }[type];
  const text = type === 'ed25519'
    ? publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex')
    : publicKey.export({ format: 'pem', type: 'spki' });
  const keyID = crypto.randomBytes(32).toString('hex');    // a name, and not a hash of anything
  return {
    key: new Key({ keyID, keyType: type, scheme, keyVal: { public: text }, unrecognizedFields: { 'x-made-by': 'tuf-js' } }),
    sign: (data) => type === 'ed25519'
      ? crypto.sign(null, data, privateKey)
      : crypto.sign('sha256', data, type === 'rsa'
        ? { key: privateKey, padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 } : privateKey),
  };
}

function write(file, content) {
  const full = path.join(directory, file);
  fs.mkdirSync(path.dirname(full), { recursive: true });
  fs.writeFileSync(full, content);
}

function publish(name, signed, key) {
  const metadata = new Metadata(signed);
  metadata.sign((data) => new Signature({ keyID: key.key.keyID, sig: key.sign(data).toString('hex') }));
  const bytes = Buffer.from(JSON.stringify(metadata.toJSON(), null, 2));
  write(`metadata/${name}.json`, bytes);
  return new MetaFile({ version: 1, length: bytes.length, hashes: { sha256: crypto.createHash('sha256').update(bytes).digest('hex') } });
}

const keys = { root: newKey('rsa'), timestamp: newKey('ed25519'), snapshot: newKey('ecdsa'), targets: newKey('ecdsa'), bins: newKey('ed25519') };
const common = { version: 1, specVersion: '1.0.31', expires, unrecognizedFields: { 'x-note': { 'ключ': 'зна"чение\\', list: [1, true, null] } } };

const succinct = new SuccinctRoles({ keyIDs: [keys.bins.key.keyID], threshold: 1, bitLength: 5, namePrefix: 'bin' });
const bins = new Map([...succinct.getRoles()].map((name) => [name, {}]));
for (let i = 0; i < 200; i++) {
  const name = `some/where/file-${i}.txt`;
  const content = Buffer.from(`content ${i}`);
  const hash = crypto.createHash('sha512').update(content).digest('hex');
  bins.get(succinct.getRoleForTarget(name))[name] = new TargetFile({ path: name, length: content.length, hashes: { sha512: hash } });
  write(`targets/some/where/${hash}.file-${i}.txt`, content);
}

const meta = {};
for (const [name, targets] of bins) meta[`${name}.json`] = publish(`1.${name}`, new Targets({ ...common, targets }), keys.bins);
meta['targets.json'] = publish('1.targets', new Targets({
  ...common, targets: {},
  delegations: new Delegations({ keys: { [keys.bins.key.keyID]: keys.bins.key }, succinctRoles: succinct }),
}), keys.targets);
const snapshot = publish('1.snapshot', new Snapshot({ ...common, meta }), keys.snapshot);
publish('timestamp', new Timestamp({ ...common, snapshotMeta: snapshot }), keys.timestamp);
const topLevel = Object.fromEntries(['root', 'timestamp', 'snapshot', 'targets'].map(
  (name) => [name, new Role({ keyIDs: [keys[name].key.keyID], threshold: 1 })]));
publish('1.root', new Root({
  ...common, consistentSnapshot: true, roles: topLevel,
  keys: Object.fromEntries(['root', 'timestamp', 'snapshot', 'targets'].map((name) => [keys[name].key.keyID, keys[name].key])),
}), keys.root);
