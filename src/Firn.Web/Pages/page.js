'use strict';
const part = id => document.getElementById(id);
const sizeOf = bytes => bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
let token = null, sending = false, limitBytes = 0, historyOf = null, timer = 0;

function show(id, isShown) { part(id).hidden = !isShown; }

function say(text) { part('problem').textContent = text; show('problem', text !== ''); }

async function ask(path, body) {
  const answer = await fetch(path, body === undefined ? {} : { method: 'POST', headers: token ? { 'X-Firn-Token': token } : {}, body });
  const text = await answer.text();
  if (answer.status === 401) enter(null);
  if (!answer.ok) throw new Error(text.trim());
  return (answer.headers.get('Content-Type') || '').includes('json') ? JSON.parse(text) : text;
}

function guard(act) {
  return async event => {
    if (event) event.preventDefault();
    try { say(''); await act(); } catch (error) { say(error instanceof TypeError ? 'The machine does not answer.' : error.message); }
  };
}

function enter(newToken) {
  token = newToken;
  show('login', !token); show('page', token); show('logout', token);
  clearTimeout(timer);
  if (token) poll(); else part('password').focus();
}

function fill(list, items, tag, texts) {
  list.replaceChildren(...items.map(item => {
    const row = document.createElement(tag);
    const cells = texts(item);
    if (tag === 'tr') row.append(...cells.map(text => { const cell = document.createElement('td'); cell.textContent = text; return cell; }));
    else row.textContent = cells.join(' ');
    return row;
  }));
}

function stateOf(slot, status) {
  const words = [];
  if (slot.slot === status.running) words.push('runs');
  if (slot.slot === status.confirmed) words.push('confirmed');
  if (slot.slot === status.next && slot.slot !== status.running) words.push('boots next');
  if (slot.trial) words.push(slot.trial);
  if (slot.problem) words.push(slot.problem);
  return words.join(', ');
}

function progress(text, done, total) {
  part('step').textContent = total > 0 ? `${text}: ${sizeOf(done)} of ${sizeOf(total)}` : text;
  if (total > 0) part('bar').value = 100 * done / total; else part('bar').removeAttribute('value');
}

const results = { installed: 'Installed. Restart the machine to try it.', refused: 'Refused; this machine boots what it booted before.', failed: 'It failed.' };

function showUpdate(status) {
  const upload = status.upload, install = status.install, isBusy = upload.phase === 'receiving' || upload.phase === 'installing';
  if (!sending) {
    show('progress', isBusy || install);
    if (install) progress(install.step, install.doneBytes, install.totalBytes);
    else if (upload.phase === 'receiving') progress(`receiving ${upload.file}`, upload.doneBytes, upload.totalBytes);
    else if (isBusy) progress(`verifying ${upload.file}`, 0, 0);
  }
  const result = part('result');
  const text = upload.phase in results ? `${results[upload.phase]}\n${upload.file}\n${upload.text}` : '';
  if (result.textContent !== text) result.textContent = text;
  result.className = upload.phase === 'installed' ? 'good' : 'bad';
  result.dataset.phase = upload.phase;
  show('result', text !== '' && !sending);
  part('upload').querySelector('button').disabled = sending || isBusy;
  part('reboot').disabled = sending || isBusy || Boolean(install);
}

async function refresh() {
  const status = await ask('api/status');
  limitBytes = status.limitBytes;
  document.title = part('host').textContent = status.host;
  const running = (status.slots || []).find(slot => slot.slot === status.running);
  part('summary').textContent = status.problem || `${running ? `${running.name} ${running.version} runs from` : 'This system runs from'} slot ${status.running}${status.isTrialBoot ? ', on trial' : ''}.`;
  fill(part('slots'), status.slots || [], 'tr', slot => [slot.slot, slot.version ? `${slot.name} ${slot.version}` : 'nothing that boots', stateOf(slot, status)]);
  const agent = status.agent;
  part('agent').textContent = agent ? `Agent: ${[agent.activity, agent.why, agent.problem, agent.hold && `held: ${agent.hold}`].filter(Boolean).join('; ')}` : 'No agent runs.';
  showUpdate(status);
  const now = JSON.stringify([status.slots, status.upload.phase, status.next]);
  if (now === historyOf) return;
  historyOf = now;
  const { history } = await ask('api/history');
  fill(part('history'), history, 'li', entry => [new Date(entry.time).toLocaleString(), entry.version || '', entry.event, `(slot ${entry.slot})`, entry.reason || '']);
}

async function poll() {
  clearTimeout(timer);
  try { await refresh(); } catch (error) { if (token) say(error instanceof TypeError ? 'The machine does not answer.' : error.message); }
  if (token) timer = setTimeout(poll, document.hidden ? 10000 : 1000);
}

function send(file) {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open('POST', `api/upload?name=${encodeURIComponent(file.name)}`);
    request.setRequestHeader('X-Firn-Token', token);
    request.upload.onprogress = event => progress(`sending ${file.name}`, event.loaded, event.total);
    request.onload = () => request.status < 300 ? done() : failed(new Error(request.responseText.trim()));
    request.onerror = () => failed(new Error(`${file.name} was not sent: the machine does not answer`));
    request.send(file);
  });
}

part('login').onsubmit = guard(async () => {
  const session = await ask('api/login', part('password').value);
  part('password').value = '';
  enter(session.token);
});
part('logout').onclick = guard(async () => { await ask('api/logout', ''); enter(null); });
part('upload').onsubmit = guard(async () => {
  const file = part('file').files[0];
  if (file.size > limitBytes) throw new Error(`${file.name} has ${sizeOf(file.size)}, and there is room for ${sizeOf(limitBytes)}`);
  sending = true;
  show('progress', true); show('result', false);
  try { await send(file); } finally { sending = false; poll(); }
});
part('reboot').onclick = guard(async () => {
  if (!confirm('Restart this machine now?')) return;
  await ask('api/reboot', '');
  say('The machine restarts.');
});
part('showlog').onclick = guard(async () => {
  part('log').textContent = await ask('api/log');
  show('log', true);
  part('log').scrollTop = part('log').scrollHeight;
});
guard(async () => enter((await ask('api/session')).token))();
