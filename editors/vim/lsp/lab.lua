-- Neovim 0.11 and later: vim.lsp.enable('lab')
return {
  cmd = { vim.g.lab_server or 'labc', 'lsp' },
  filetypes = { 'lab' },
  root_markers = { 'lab.lock', '.git' },
}
