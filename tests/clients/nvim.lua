-- Neovim's own client with editors/vim: LABC=… LAB=… nvim --headless --clean --cmd 'set runtimepath^=editors/vim' -c 'luafile nvim.lua'
-- LAB is a copy of examples/talos-media. Prints one line a check; exit 0 when all hold.
local failed = 0
local function check(name, holds, got)
  if not holds then failed = failed + 1 end
  io.stdout:write((holds and 'ok   ' or 'FAIL ') .. name .. (holds and '' or ' ' .. vim.inspect(got)) .. '\n')
end
local function wait(condition) return vim.wait(20000, condition, 10) end

local ok, why = pcall(function()
  vim.g.lab_server = vim.env.LABC
  vim.cmd('edit ' .. vim.fn.fnameescape(vim.env.LAB .. '/media.lab'))
  local buffer = vim.api.nvim_get_current_buf()
  check('the file type is known', vim.bo[buffer].filetype == 'lab', vim.bo[buffer].filetype)
  local function lines() return vim.api.nvim_buf_get_lines(buffer, 0, -1, false) end
  local function text() return table.concat(lines(), '\n') end
  local function find(words)
    for number, line in ipairs(lines()) do
      local column = line:find(words, 1, true)
      if column then return number, column - 1 end
    end
    error('no ' .. words)
  end
  local client
  check('the server starts by itself', wait(function()
    client = vim.lsp.buf_get_clients(buffer)[next(vim.lsp.buf_get_clients(buffer))]
    return client and client.initialized
  end))
  local function errors()
    return vim.tbl_filter(function(d) return d.severity == vim.diagnostic.severity.ERROR end, vim.diagnostic.get(buffer))
  end
  local function ask(method, words, inside, more)
    if words then
      local line, column = find(words)
      vim.api.nvim_win_set_cursor(0, { line, column + (inside or 0) })
    end
    local params = vim.tbl_extend('force', vim.lsp.util.make_position_params(0, client.offset_encoding), more or {})
    local answers = vim.lsp.buf_request_sync(buffer, 'textDocument/' .. method, params, 20000)
    local answer = answers and answers[client.id]
    if not answer or answer.error then error(method .. ': ' .. vim.inspect(answer)) end
    return answer.result
  end

  local line = find('startup   = 150s')
  vim.api.nvim_buf_set_lines(buffer, line - 1, line, false, { '  startup 150s' })
  check('the mistake is seen', wait(function() return #errors() == 1 end) and errors()[1].lnum == line - 1, errors())
  check('hover tells the computed URL', ask('hover', 'app sonarr', 5).contents.value:find('https://sonarr.int.example.net', 1, true))
  local labels = vim.tbl_map(function(i) return i.label end, ask('completion', 'plex.http, sonarr', 5).items)
  check('members are completed', vim.tbl_contains(labels, 'http') and vim.tbl_contains(labels, 'url'), labels)
  local where = { start = { line = line - 1, character = 0 }, ['end'] = { line = line - 1, character = 10 } }
  local actions = ask('codeAction', nil, nil, { range = where, context = { diagnostics = {} } })
  check('a fix is offered', #actions > 0 and actions[1].isPreferred, actions)
  vim.lsp.util.apply_workspace_edit(actions[1].edit, client.offset_encoding)
  check('the fix mends it', wait(function() return #errors() == 0 end) and text():find('startup = 150s', 1, true), errors())
  vim.lsp.util.apply_workspace_edit(ask('rename', 'let media-app', 5, { newName = 'base' }), client.offset_encoding)
  check('all names change', not text():find('media-app', 1, true) and text():find('like base', 1, true), text())
  vim.api.nvim_buf_set_lines(buffer, 0, 0, false, { 'let   spare=1' })
  local edits = ask('formatting', nil, nil, { options = { tabSize = 2, insertSpaces = true } })
  vim.lsp.util.apply_text_edits(edits, buffer, client.offset_encoding)
  check('the text is laid out', lines()[1] == 'let spare = 1', lines()[1])
  check('words are coloured', vim.fn.synIDattr(vim.fn.synID(1, 1, 1), 'name') == 'labStatement', vim.fn.synIDattr(vim.fn.synID(1, 1, 1), 'name'))
  check('still no mistake', wait(function() return #errors() == 0 end), errors())
end)
if not ok then check(tostring(why), false) end
vim.cmd(failed == 0 and 'qall!' or 'cquit 1')
