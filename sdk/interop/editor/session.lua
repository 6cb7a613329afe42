-- A person at work in Neovim: opens a script, sees its faults, asks about a name, has one mended, renames one, saves.
-- What was seen goes to $SEEN as JSON. The server is started with the words of $SERVER, separated by newlines.
local seen = {}
local WAIT = 20000

vim.cmd('edit ' .. vim.env.SCRIPT)
local client = vim.lsp.start_client({
  name = 'mspl',
  cmd = vim.split(vim.env.SERVER, '\n'),
  root_dir = vim.fn.fnamemodify(vim.env.SCRIPT, ':h'),
})
vim.lsp.buf_attach_client(0, client)

local function faults(count)
  vim.wait(WAIT, function() return #vim.diagnostic.get(0) == count end, 20)
  local list = {}
  for _, found in ipairs(vim.diagnostic.get(0)) do
    local line = vim.api.nvim_buf_get_lines(0, found.lnum, found.lnum + 1, false)[1]
    table.insert(list, { line = found.lnum + 1, word = line:sub(found.col + 1, found.end_col), message = found.message, code = found.code })
  end
  return list
end

-- Puts the cursor on the first place of a text and asks there.
local function ask(method, text, more)
  vim.api.nvim_win_set_cursor(0, { 1, 0 })
  vim.fn.search(text)
  local params = vim.tbl_extend('force', vim.lsp.util.make_position_params(), more or {})
  local answers = vim.lsp.buf_request_sync(0, method, params, WAIT) or {}
  return answers[client] and answers[client].result
end

seen.before = faults(1)

local action_params = vim.lsp.util.make_range_params()
action_params.context = { diagnostics = vim.lsp.diagnostic.get_line_diagnostics(0, seen.before[1].line - 1) }
local actions = vim.lsp.buf_request_sync(0, 'textDocument/codeAction', action_params, WAIT)[client].result
seen.action = actions[1].title
vim.lsp.util.apply_workspace_edit(actions[1].edit, 'utf-16')
seen.after = faults(0)

seen.hover = ask('textDocument/hover', 'Respond').contents.value
seen.signature = ask('textDocument/signatureHelp', '403').signatures[1].label
seen.definition = ask('textDocument/definition', 'verdict ==')[1] or ask('textDocument/definition', 'verdict ==')
local items = ask('textDocument/completion', 'From)')
seen.members = vim.tbl_map(function(item) return item.label end, items.items or items)
vim.lsp.util.apply_workspace_edit(ask('textDocument/rename', 'verdict =', { newName = 'answer' }), 'utf-16')
seen.outline = vim.tbl_map(function(symbol) return symbol.name end, ask('textDocument/documentSymbol', 'from'))

-- An unfinished edit makes a fault, undoing it takes the fault away.
vim.api.nvim_win_set_cursor(0, { 1, 0 })
vim.fn.search('Respond')
-- Setting undolevels begins a new step to undo, as a person's pause does.
vim.cmd('let &undolevels = &undolevels')
vim.cmd('normal! dw')
seen.broken = faults(1)
vim.cmd('undo')
seen.undone = faults(0)
vim.cmd('write')

vim.lsp.stop_client(client)
seen.stopped = vim.wait(WAIT, function() return vim.lsp.client_is_stopped(client) end, 20)
vim.fn.writefile({ vim.fn.json_encode(seen) }, vim.env.SEEN)
vim.cmd('qall!')
