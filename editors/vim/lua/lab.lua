-- Attaches `labc lsp` to a buffer in any Neovim from 0.7 on. `vim.g.lab_server` names another labc, `vim.g.lab_lsp = 0` turns it off.
local M = {}

local function root(path)
  local folder = vim.fn.fnamemodify(path, ':p:h')
  local at = folder
  while at ~= '/' do
    if vim.fn.isdirectory(at .. '/.git') == 1 or vim.fn.filereadable(at .. '/lab.lock') == 1 then return at end
    at = vim.fn.fnamemodify(at, ':h')
  end
  return folder
end

local clients = {} -- by root, for Neovim before 0.8

function M.attach(buffer)
  buffer = buffer or vim.api.nvim_get_current_buf()
  local command = vim.g.lab_server or 'labc'
  if vim.fn.executable(command) == 0 or vim.bo[buffer].buftype ~= '' then return end
  local config = { name = 'lab', cmd = { command, 'lsp' }, root_dir = root(vim.api.nvim_buf_get_name(buffer)) }
  if vim.lsp.enable then
    return vim.lsp.enable('lab')
  elseif vim.lsp.start then
    return vim.lsp.start(config, { bufnr = buffer })
  end
  local id = clients[config.root_dir]
  if not id or not vim.lsp.get_client_by_id(id) then
    id = vim.lsp.start_client(config)
    clients[config.root_dir] = id
  end
  vim.lsp.buf_attach_client(buffer, id)
  return id
end

return M
