// Node's JSON-RPC client, as editors written in TypeScript have it: node drive.cjs LABC LAB
// LAB is a copy of examples/talos-media; `media.lab` gets a mistake before it is opened. Prints one line a check; exit 0 when all hold.
'use strict';
const { spawn } = require('child_process'), fs = require('fs'), path = require('path'), { pathToFileURL } = require('url');
const rpc = require(require.resolve('vscode-jsonrpc/node', { paths: [process.env.NODE_MODULES || process.cwd()] }));

const [labc, lab] = process.argv.slice(2);
const file = path.join(lab, 'media.lab'), uri = pathToFileURL(file).href, textDocument = { uri };
let failed = 0;
const check = (name, holds, got) => { if (!holds) failed++; console.log(holds ? 'ok  ' : 'FAIL', name, holds ? '' : JSON.stringify(got)); };

const server = spawn(labc, ['lsp', '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
const ended = new Promise(r => server.on('exit', code => r(code)));
const connection = rpc.createMessageConnection(new rpc.StreamMessageReader(server.stdout), new rpc.StreamMessageWriter(server.stdin));
const published = new Map();
let wake = () => {};
connection.onNotification('textDocument/publishDiagnostics', p => { published.set(p.uri, p); wake(); });
const registered = [];
connection.onRequest('client/registerCapability', p => { registered.push(...p.registrations.map(r => r.method)); return null; });
connection.listen();
const version = async n => { while (published.get(uri)?.version !== n) await new Promise(r => { wake = r; }); return published.get(uri).diagnostics; };

let text = fs.readFileSync(file, 'utf8').replace('startup   = 150s', 'startup 150s');
const offset = p => text.split('\n').slice(0, p.line).reduce((n, l) => n + l.length + 1, 0) + p.character;      // UTF-16, as JavaScript counts
const position = at => { const before = text.slice(0, at).split('\n'); return { line: before.length - 1, character: before.at(-1).length }; };
const apply = edits => { for (const e of [...edits].sort((a, b) => offset(b.range.start) - offset(a.range.start))) text = text.slice(0, offset(e.range.start)) + e.newText + text.slice(offset(e.range.end)); };
const at = (words, inside = 0) => ({ textDocument, position: position(text.indexOf(words) + inside) });
const ask = (method, params) => connection.sendRequest('textDocument/' + method, params);
const change = n => connection.sendNotification('textDocument/didChange', { textDocument: { uri, version: n }, contentChanges: [{ text }] });

async function main() {
  const root = pathToFileURL(lab).href;
  const { capabilities, serverInfo } = await connection.sendRequest('initialize', {
    processId: process.pid, rootUri: root, workspaceFolders: [{ uri: root, name: 'lab' }],
    capabilities: {
      workspace: { didChangeWatchedFiles: { dynamicRegistration: true }, workspaceEdit: { documentChanges: true } },
      textDocument: {
        publishDiagnostics: { versionSupport: true, relatedInformation: true }, hover: { contentFormat: ['markdown'] }, rename: { prepareSupport: true },
        completion: { completionItem: { snippetSupport: true, documentationFormat: ['markdown'] } },
        codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: ['quickfix'] } } },
      },
    },
  });
  check('it says who it is', serverInfo.name === 'labc' && capabilities.positionEncoding === 'utf-16', serverInfo);
  await connection.sendNotification('initialized', {});
  await connection.sendNotification('textDocument/didOpen', { textDocument: { uri, languageId: 'lab', version: 1, text } });
  const mistakes = (await version(1)).filter(d => d.severity === 1);
  check('the mistake is seen where it is', mistakes.length === 1 && mistakes[0].range.start.line === position(text.indexOf('startup 150s')).line, mistakes);
  check('files are watched', registered.includes('workspace/didChangeWatchedFiles'), registered);
  const hover = await ask('hover', at('app sonarr', 5));
  check('hover tells the computed URL', hover.contents.value.includes('https://sonarr.int.example.net'), hover);
  const members = await ask('completion', at('plex.http, sonarr', 5));
  check('members are completed', ['http', 'image', 'url'].every(l => members.items.some(i => i.label === l)), members.items.map(i => i.label));
  const actions = await ask('codeAction', { textDocument, range: mistakes[0].range, context: { diagnostics: mistakes } });
  check('a fix is offered', actions.length > 0 && actions[0].isPreferred, actions);
  apply(actions[0].edit.documentChanges.find(c => c.textDocument.uri === uri).edits);
  await change(2);
  check('the fix mends it', (await version(2)).every(d => d.severity !== 1), published.get(uri));
  const prepared = await ask('prepareRename', at('let media-app', 5));
  check('the name to change is found', prepared.placeholder === 'media-app', prepared);
  const renamed = await ask('rename', { ...at('let media-app', 5), newName: 'base' });
  const count = text.split('media-app').length - 1;
  apply(renamed.documentChanges.find(c => c.textDocument.uri === uri).edits);
  check('all names change', count > 3 && !text.includes('media-app') && text.split('like base').length > 2, count);
  await change(3);
  check('the lab means what it meant', (await version(3)).every(d => d.severity !== 1), published.get(uri));
  text = text.replace('app plex in media', 'app   plex   in media');
  await change(4);
  apply(await ask('formatting', { textDocument, options: { tabSize: 2, insertSpaces: true } }));
  check('the text is laid out', text.includes('app plex in media'), text.slice(0, 800));
  check('shutdown', await connection.sendRequest('shutdown') === null);
  await connection.sendNotification('exit');
  check('exit', await ended === 0);
}
const limit = setTimeout(() => { console.log('FAIL no answer in 60 s'); server.kill(); process.exit(1); }, 60000);
main().catch(e => check(String(e), false, e.stack)).then(() => { clearTimeout(limit); server.kill(); process.exit(failed ? 1 : 0); });
