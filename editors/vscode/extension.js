// Starts `labc lsp` for `.lab` files and keeps it alive.
'use strict';
const vscode = require('vscode');
const { LanguageClient, TransportKind } = require('vscode-languageclient/node');

let client;

function make() {
  const settings = vscode.workspace.getConfiguration('lab');
  const command = settings.get('server.path') || 'labc';
  return new LanguageClient(
    'lab',
    'Lab',
    { command, args: ['lsp'], transport: TransportKind.stdio },
    {
      documentSelector: [{ language: 'lab' }],
      synchronize: { configurationSection: 'lab' },
      initializationOptions: { environment: settings.get('environment') },
    },
  );
}

async function start() {
  client = make();
  try {
    await client.start();
  } catch (problem) {
    vscode.window.showErrorMessage(`Lab: the language server does not start (${problem.message}). Set lab.server.path to labc.`);
  }
}

async function stop() {
  const old = client;
  client = undefined;
  if (old) await old.dispose();
}

async function restart() {
  await stop();
  await start();
}

exports.activate = async (context) => {
  context.subscriptions.push(
    vscode.commands.registerCommand('lab.restart', restart),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('lab.server.path')) restart();
    }),
  );
  await start();
};

exports.deactivate = stop;
