// tuf-js on the command line of the conformance suite, as far as the benchmark needs it:
// --metadata-dir D --metadata-url U [--target-dir T --target-base-url B --target-name N …] refresh|download
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';

const require = createRequire(path.join(process.env.TUF_JS, 'package.json'));
const { Updater } = require('tuf-js');
const options = {};
const names = [];
let command;
for (let i = 2; i < process.argv.length; i++) {
  if (!process.argv[i].startsWith('--')) command = process.argv[i];
  else if (process.argv[i] === '--target-name') names.push(process.argv[++i]);
  else options[process.argv[i]] = process.argv[++i];
}
const updater = new Updater({
  metadataDir: options['--metadata-dir'], metadataBaseUrl: options['--metadata-url'],
  targetDir: options['--target-dir'], targetBaseUrl: options['--target-base-url'],
});
await updater.refresh();
for (const name of command === 'download' ? names : []) {
  const target = await updater.getTargetInfo(name);
  if (!target) process.exit(1);
  await updater.downloadTarget(target, path.join(options['--target-dir'], encodeURIComponent(name)));
}
